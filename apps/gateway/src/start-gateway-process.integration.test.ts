import { Writable } from "node:stream";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { openKeyDirectory } from "@xtrace/queue";
import { createLogger, hashSecret } from "@xtrace/runtime";
import { createTestRedis, describeWithRedis, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { loadGatewayConfig } from "./config.ts";
import { exportOf } from "./protocols/otlp/fixtures/export-of.ts";
import { toProtobuf } from "./protocols/otlp/fixtures/to-protobuf.ts";
import { startGatewayProcess } from "./start-gateway-process.ts";

describeWithRedis("the gateway process", () => {
  test("takes keys that workers publish, and drains before it goes", async () => {
    await using redis = await createTestRedis();
    const directory = openKeyDirectory({ ...redis, onError: () => {} });
    const key = { projectId: "p", publicKey: "pk", secretHash: hashSecret("secret"), scopes: ["ingest" as const] };
    await eventually(() => directory.publish([key]), { timeoutMs: 5_000 });

    const config = loadGatewayConfig({
      REDIS_URL: redis.url,
      QUEUE_PREFIX: redis.prefix,
      BIND_ADDR: "127.0.0.1:0",
      KEY_REFRESH_MS: "100",
      SHUTDOWN_DELAY_MS: "500",
    });
    const log = createLogger({
      name: "test",
      level: "fatal",
      destination: new Writable({ write: (_, __, done) => done() }),
    });
    const gateway = await startGatewayProcess(config, log);
    const write = () =>
      fetch(`${gateway.url}/v1/l/batch`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from("pk:secret").toString("base64")}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ trace: { id: "t" } }),
      });
    await eventually(async () => expect((await write()).status).toBe(200), { timeoutMs: 10_000 });

    await directory.publish([]);
    await eventually(async () => expect((await write()).status).toBe(401), { timeoutMs: 10_000 });
    await directory.publish([key]);
    await eventually(async () => expect((await write()).status).toBe(200), { timeoutMs: 10_000 });

    const stopping = gateway.stop("SIGTERM");
    await eventually(async () => expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503), {
      timeoutMs: 400,
      intervalMs: 10,
    });
    // A load balancer that has not noticed yet is still served.
    expect((await write()).status).toBe(200);
    await stopping;
    await expect(write()).rejects.toThrow();
    await directory.close();
  });

  test("serves OTLP over gRPC where it is told to, and answers what is under way before it goes", async () => {
    await using redis = await createTestRedis();
    const config = loadGatewayConfig({
      REDIS_URL: redis.url,
      QUEUE_PREFIX: redis.prefix,
      BIND_ADDR: "127.0.0.1:0",
      OTLP_GRPC_ADDR: "127.0.0.1:0",
      API_BEARER_TOKEN: "token",
      SHUTDOWN_DELAY_MS: "300",
    });
    const gateway = await startGatewayProcess(config, createLogger({ name: "test", level: "silent" }));
    const client = new Client(gateway.grpcUrl?.replace("http://", "") ?? "", credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer token");
    const asIs = (message: Buffer) => message;
    const body = toProtobuf(exportOf([{}]));
    const write = () =>
      new Promise<Buffer | undefined>((resolve, reject) => {
        const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
        client.makeUnaryRequest(path, asIs, asIs, body, metadata, (error, answer?: Buffer) =>
          error ? reject(error) : resolve(answer),
        );
      });
    expect(await write()).toEqual(Buffer.alloc(0));

    const underWay = write();
    const stopping = gateway.stop("SIGTERM");
    expect(await underWay).toEqual(Buffer.alloc(0));
    // A load balancer that has not noticed yet is still served, over a connection of its own.
    expect(await write()).toEqual(Buffer.alloc(0));
    await stopping;
    await expect(write()).rejects.toThrow("UNAVAILABLE");
    client.close();
  });
});
