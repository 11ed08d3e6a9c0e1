import { Writable } from "node:stream";
import type { IngestJob } from "@xtrace/contract";
import { openConsumer } from "@xtrace/queue";
import { createLogger, createMetrics, createReadiness, hashSecret } from "@xtrace/runtime";
import { createTestRedis, eventually, startRedisServer, testRedisUrl } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { startGateway } from "./service.ts";

const AUTHORIZATION = {
  authorization: `Basic ${Buffer.from("pk:secret").toString("base64")}`,
  "content-type": "application/json",
};

async function start(queue: { url: string; prefix: string }) {
  return await startGateway({
    config: {
      queue: { ...queue, shards: 1 },
      requireDurableQueue: false,
      admission: { maxBytes: 0, maxMemoryPercent: 0, maxAgeMs: 0 },
      enqueueDeadlineMs: 1_000,
      limits: { maxBodyBytes: 1_000_000, maxInflatedBytes: 1_000_000 },
      keys: [],
      openProjectId: null,
      keyRefreshMs: 60_000,
      rateBudgets: { requests: null, bytes: null },
    },
    loadKeys: async () => [{ projectId: "p", publicKey: "pk", secretHash: hashSecret("secret"), scopes: ["ingest"] }],
    readiness: createReadiness(),
    log: createLogger({ name: "test", level: "fatal", destination: new Writable({ write: (_, __, done) => done() }) }),
    metrics: createMetrics({ process: "test" }),
  });
}

const send = (app: { request: (path: string, init: RequestInit) => Response | Promise<Response> }) =>
  app.request("/v1/l/batch", { method: "POST", headers: AUTHORIZATION, body: JSON.stringify({ trace: { id: "t" } }) });

/** Only then is each write answered 200 at once: what is refused for being too slow may be in the queue all the same, as a second delivery. */
const untilReady = (gateway: Awaited<ReturnType<typeof start>>) =>
  eventually(async () => expect((await gateway.app.request("/readyz")).status).toBe(200), { timeoutMs: 10_000 });

describe.skipIf(testRedisUrl() === undefined)("a gateway over Redis", () => {
  test("has a job in the queue when it answers", async () => {
    await using redis = await createTestRedis();
    const gateway = await start(redis);
    await untilReady(gateway);
    expect((await send(gateway.app)).status).toBe(200);
    const delivered: IngestJob[] = [];
    const consumer = openConsumer({
      ...redis,
      concurrency: 1,
      onError: () => {},
      process: async ({ data }) => void delivered.push(data as IngestJob),
    });
    await eventually(() => expect(delivered).toHaveLength(1), { timeoutMs: 10_000 });
    expect(delivered[0]).toMatchObject({ v: 1, projectId: "p", events: { traces: [{ id: "t" }] } });
    await consumer.close();
    await gateway.stop();
  });

  test("places an update in the trace that another gateway was told, though nothing is stored yet", async () => {
    await using redis = await createTestRedis();
    const [one, other] = await Promise.all([start(redis), start(redis)]);
    const write = async (gateway: typeof one, method: "POST" | "PATCH", body: unknown) =>
      (await gateway.app.request("/api/public/spans", { method, headers: AUTHORIZATION, body: JSON.stringify(body) }))
        .status;
    await Promise.all([one, other].map(untilReady));
    expect(await write(one, "POST", { id: "o", traceId: "t" })).toBe(200);
    expect(await write(other, "PATCH", { spanId: "o", output: "done" })).toBe(200);
    const observations: unknown[] = [];
    const consumer = openConsumer({
      ...redis,
      concurrency: 1,
      onError: () => {},
      process: async ({ data }) => void observations.push(...(data as IngestJob).events.observations),
    });
    await eventually(() => expect(observations).toHaveLength(2), { timeoutMs: 10_000 });
    expect(observations).toMatchObject([
      { id: "o", traceId: "t" },
      { id: "o", traceId: "t", output: "done" },
    ]);
    await consumer.close();
    await Promise.all([one.stop(), other.stop()]);
  });

  test("starts without its queue, answers 503 within two seconds, and recovers by itself", async () => {
    await using server = await startRedisServer();
    await server.kill();
    const gateway = await start({ url: server.url, prefix: "{late}" });
    const startedAt = performance.now();
    const refused = await send(gateway.app);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);
    expect((await gateway.app.request("/readyz")).status).toBe(503);

    await server.restart();
    await eventually(async () => expect((await send(gateway.app)).status).toBe(200), { timeoutMs: 15_000 });

    await server.kill();
    const killedAt = performance.now();
    expect((await send(gateway.app)).status).toBe(503);
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    await server.restart();
    await eventually(async () => expect((await send(gateway.app)).status).toBe(200), { timeoutMs: 15_000 });
    await gateway.stop();
  });

  test.each([
    {
      name: "full",
      refuse: ["CONFIG", "SET", "maxmemory", "1"],
      relent: ["CONFIG", "SET", "maxmemory", "0"],
    },
    {
      name: "a replica",
      refuse: ["REPLICAOF", "127.0.0.1", "1"],
      relent: ["REPLICAOF", "NO", "ONE"],
    },
    {
      name: "without enough replicas of its own",
      refuse: ["CONFIG", "SET", "min-replicas-to-write", "1"],
      relent: ["CONFIG", "SET", "min-replicas-to-write", "0"],
    },
  ])("answers 503 while its Redis is $name, and recovers by itself", async ({ refuse, relent }) => {
    await using server = await startRedisServer();
    const gateway = await start({ url: server.url, prefix: "{refusing}" });
    await eventually(async () => expect((await send(gateway.app)).status).toBe(200), { timeoutMs: 15_000 });
    const [refuseName = "", ...refuseArgs] = refuse;
    await server.command(refuseName, ...refuseArgs);
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await send(gateway.app);
      expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);
    }
    const [relentName = "", ...relentArgs] = relent;
    await server.command(relentName, ...relentArgs);
    await eventually(async () => expect((await send(gateway.app)).status).toBe(200), { timeoutMs: 15_000 });
    await gateway.stop();
  });
});
