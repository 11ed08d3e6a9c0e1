import { Writable } from "node:stream";
import { openKeyDirectory } from "@xtrace/queue";
import { createLogger, hashSecret } from "@xtrace/runtime";
import { createTestRedis, describeWithRedis, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { loadGatewayConfig } from "./config.ts";
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
});
