import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INGEST_PATHS, isIngestRequest } from "@xtrace/gateway";
import { eventually, freePort } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCompose, SETTINGS } from "./compose-file.ts";
import { type DnsServer, startDnsServer } from "./dns-server.ts";
import { type Seen, type StandIn, startStandIn } from "./stand-in.ts";

const { configs, services } = readCompose(SETTINGS);
const config = configs["haproxy"]?.content ?? "";

const hasHaproxy = spawnSync("haproxy", ["-v"]).status === 0;
/** All of 127.0.0.0/8 is this machine, so each container has an address of its own. */
const isLinux = process.platform === "linux";

test("the proxy's addresses are those that the services listen at", () => {
  const portOf = (name: string) => services[name]?.environment["BIND_ADDR"]?.split(":").at(-1);
  expect(config).toMatch(new RegExp(`^ +server-template gateway- \\d+ gateway:${portOf("gateway")}$`, "m"));
  expect(config).toMatch(new RegExp(`^ +server-template query- \\d+ query:${portOf("query")}$`, "m"));
});

test("the proxy has room for as many gateways as anyone will start", () => {
  const slots = Number(/server-template gateway- (\d+)/.exec(config)?.[1]);
  expect(slots).toBeGreaterThanOrEqual(8 * (services["gateway"]?.deploy.replicas ?? 0));
});

describe.skipIf(!hasHaproxy || !isLinux)("HAProxy with the configuration of docker-compose.yml", () => {
  const gatewayHosts = ["127.0.0.2", "127.0.0.3"];
  let gateways: StandIn[] = [];
  let query: StandIn;
  let dns: DnsServer;
  let haproxy: ChildProcess;
  let dir: string;
  let warnings: string;
  let gatewayPort: number;
  let url: string;
  let healthUrl: string;

  beforeAll(async () => {
    const queryPort = await freePort();
    gatewayPort = await freePort();
    gateways = await Promise.all(gatewayHosts.map((host) => startStandIn(`gateway ${host}`, host, gatewayPort)));
    query = await startStandIn("query", "127.0.0.4", queryPort);
    dns = await startDnsServer((name) => (name === "gateway" ? gatewayHosts : name === "query" ? ["127.0.0.4"] : []));

    const ports = { proxy: await freePort(), health: await freePort() };
    url = `http://127.0.0.1:${ports.proxy}`;
    healthUrl = `http://127.0.0.1:${ports.health}/healthz`;
    const local = replaceAll(config, {
      "bind :8742": `bind 127.0.0.1:${ports.proxy}`,
      "bind 127.0.0.1:8404": `bind 127.0.0.1:${ports.health}`,
      "127.0.0.11:53": `127.0.0.1:${dns.port}`,
      "gateway:8743": `gateway:${gatewayPort}`,
      "query:8744": `query:${queryPort}`,
      // This machine may allow fewer open files than a container.
      "maxconn 10000": "maxconn 400",
    });
    dir = await mkdtemp(join(tmpdir(), "xtrace-haproxy-"));
    await writeFile(join(dir, "haproxy.cfg"), local);
    const { status, stderr } = spawnSync("haproxy", ["-c", "-f", join(dir, "haproxy.cfg")], { encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
    warnings = stderr;
    haproxy = spawn("haproxy", ["-db", "-f", join(dir, "haproxy.cfg")], { stdio: "ignore" });
    // It answers 503 until it has found them.
    await eventually(async () => {
      await send("POST", "/v1/l/batch");
      await send("GET", "/");
    });
  });
  afterAll(async () => {
    // As far as it was started.
    if (haproxy?.exitCode === null && haproxy.kill("SIGKILL")) await once(haproxy, "exit");
    await Promise.all([...gateways, query].map((each) => each?.stop()));
    await dns?.[Symbol.asyncDispose]();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  async function send(method: string, path: string, body?: Buffer): Promise<Seen> {
    const init = { method, ...(body && { body: new Uint8Array(body) }), headers: { connection: "close" } };
    const response = await fetch(`${url}${path}`, init);
    expect(response.status).toBe(200);
    return (await response.json()) as Seen;
  }

  async function gatewaysOf(requests: number): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let count = 0; count < requests; count++) seen.add((await send("POST", "/api/public/ingestion")).server);
    return seen;
  }

  test("raises no warning", () => {
    expect(warnings).toBe("");
  });

  test("says that it is up", async () => {
    expect((await fetch(healthUrl)).status).toBe(200);
  });

  describe.each([
    ...INGEST_PATHS,
    "/",
    "/api/public/traces",
    "/v1/traces/",
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

function replaceAll(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`not in the configuration: ${from}`);
    return result.replaceAll(from, to);
  }, text);
}
