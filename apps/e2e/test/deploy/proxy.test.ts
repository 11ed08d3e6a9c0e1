import { connect } from "node:http2";
import { INGEST_PATHS, isIngestRequest } from "@xtrace/gateway";
import { eventually, freePort } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCompose, SETTINGS } from "../../src/deploy/compose-file.ts";
import { canRunHaproxy, startHaproxy, type Haproxy } from "../../src/deploy/haproxy.ts";
import { type Seen, type StandIn, startGrpcStandIn, startStandIn } from "./stand-in.ts";

const { configs, services } = readCompose(SETTINGS);
const config = configs["haproxy"]?.content ?? "";

test("the proxy's addresses are those that the services listen at", () => {
  const portOf = (name: string) => services[name]?.environment["BIND_ADDR"]?.split(":").at(-1);
  expect(config).toMatch(new RegExp(`^ +server-template gateway- \\d+ gateway:${portOf("gateway")}$`, "m"));
  const grpcPort = services["gateway"]?.environment["OTLP_GRPC_ADDR"]?.split(":").at(-1);
  expect(config).toMatch(
    new RegExp(
      `^ +server-template gateway-grpc- \\d+ gateway:${grpcPort} proto h2 check port ${portOf("gateway")} `,
      "m",
    ),
  );
  expect(config).toMatch(new RegExp(`^ +server-template query- \\d+ query:${portOf("query")}$`, "m"));
});

test("the proxy logs no query, which may be a signature", () => {
  const format = /^ +log-format (.*)$/m.exec(config)?.[1] ?? "";
  expect(format).toContain("%HM %HPO %HV");
  // What logs the request line, the query or the address as it was asked for.
  expect(`${format} ${config.replaceAll(/^ *#.*$/gm, "")}`).not.toMatch(/%(\{[^}]*\})?(r|HQ|HU|HP)\b|option httplog/);
});

test("the proxy has room for as many gateways as anyone will start", () => {
  const slots = Number(/server-template gateway- (\d+)/.exec(config)?.[1]);
  expect(slots).toBeGreaterThanOrEqual(8 * (services["gateway"]?.deploy.replicas ?? 0));
});

describe.skipIf(!canRunHaproxy)("HAProxy with the configuration of docker-compose.yml", () => {
  const gatewayHosts = ["127.0.0.2", "127.0.0.3"];
  let gateways: StandIn[] = [];
  let query: StandIn;
  let haproxy: Haproxy;
  let gatewayPort: number;
  let grpcGateways: ReadonlyArray<{ stop(): Promise<void> }> = [];

  beforeAll(async () => {
    const queryPort = await freePort();
    gatewayPort = await freePort();
    gateways = await Promise.all(gatewayHosts.map((host) => startStandIn(`gateway ${host}`, host, gatewayPort)));
    const grpcPort = await freePort();
    grpcGateways = await Promise.all(gatewayHosts.map((host) => startGrpcStandIn(host, grpcPort)));
    query = await startStandIn("query", "127.0.0.4", queryPort);
    haproxy = await startHaproxy({
      gateway: { port: gatewayPort, hosts: () => gatewayHosts },
      query: { port: queryPort, hosts: () => ["127.0.0.4"] },
      grpcPort,
    });
    // It answers 503 until it has found them.
    await eventually(async () => {
      await send("POST", "/v1/l/batch");
      await send("GET", "/");
    });
  });
  afterAll(async () => {
    // As far as it was started.
    await haproxy?.[Symbol.asyncDispose]();
    await Promise.all([...gateways, ...grpcGateways, query].map((each) => each?.stop()));
  });

  async function send(method: string, path: string, body?: Buffer): Promise<Seen> {
    const init = { method, ...(body && { body: new Uint8Array(body) }), headers: { connection: "close" } };
    const response = await fetch(`${haproxy.url}${path}`, init);
    expect(response.status).toBe(200);
    return (await response.json()) as Seen;
  }

  async function gatewaysOf(requests: number): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let count = 0; count < requests; count++) seen.add((await send("POST", "/api/public/ingestion")).server);
    return seen;
  }

  test("raises no warning", () => {
    expect(haproxy.warnings).toBe("");
  });

  test("says that it is up", async () => {
    expect((await fetch(haproxy.healthUrl)).status).toBe(200);
  });

  describe.each([
    ...INGEST_PATHS,
    "/",
    "/api/public/traces/1",
    "/v1/traces/",
    "/api/public/traces/",
    "/v1/tracesX",
    "/api/public/scores/1",
    "/healthz",
  ])("%s", (path) => {
    test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
      "by %s goes where the standalone app sends it",
      async (method) => {
        const target = `${path}?limit=1&path=/v1/traces`;
        const { server, ...seen } = await send(method, target);
        expect(server).toMatch(isIngestRequest(method, path) ? /^gateway/ : /^query$/);
        expect(seen).toMatchObject({ method, url: target, forwardedFor: "127.0.0.1" });
      },
    );
  });

  test("passes a large body whole", async () => {
    const { bodyBytes } = await send("POST", "/v1/traces", Buffer.alloc(20 * 1024 * 1024, "x"));
    expect(bodyBytes).toBe(20 * 1024 * 1024);
  });

  test("passes gRPC on to a gateway, trailers and all", async () => {
    const session = connect(`http://127.0.0.1:${haproxy.grpcPort}`);
    try {
      const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
      const call = session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
      });
      const trailers = new Promise<object>((resolve) => call.once("trailers", resolve));
      call.end(Buffer.alloc(5));
      expect(Buffer.concat(await call.toArray()).toString()).toContain(path);
      expect(await trailers).toMatchObject({ "grpc-status": "0" });
    } finally {
      session.close();
    }
  });

  test("lets the gateways take turns", async () => {
    expect(await gatewaysOf(8)).toEqual(new Set(["gateway 127.0.0.2", "gateway 127.0.0.3"]));
  });

  test("sends no more to a gateway that is about to stop, within its delay", async () => {
    const delayMs = Number(services["gateway"]?.environment["SHUTDOWN_DELAY_MS"]);
    gateways.forEach((each, index) => (each.isReady = index === 0));
    const isAlone = async () => expect(await gatewaysOf(8)).toEqual(new Set(["gateway 127.0.0.2"]));
    await eventually(isAlone, { timeoutMs: delayMs - 1_000 });

    gateways.forEach((each) => (each.isReady = true));
    await eventually(async () => expect(await gatewaysOf(8)).toHaveProperty("size", 2));
  });

  test("loses no request when a gateway is gone without a word", async () => {
    await gateways[0]?.stop();
    expect(await gatewaysOf(20)).toEqual(new Set(["gateway 127.0.0.3"]));
  });

  test("finds the gateway that takes its place", async () => {
    gateways.push(await startStandIn("gateway 127.0.0.5", "127.0.0.5", gatewayPort));
    gatewayHosts.splice(0, 1, "127.0.0.5");
    await eventually(async () => expect([...(await gatewaysOf(8))]).toContain("gateway 127.0.0.5"));
  });
});
