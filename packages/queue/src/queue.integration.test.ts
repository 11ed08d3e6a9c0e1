import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { createTestDatabase, createTestRedis, eventually, testRedisUrl } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { openConsumer } from "./consumer.ts";
import { openKeyDirectory } from "./key-directory.ts";
import { openProducer } from "./producer.ts";
import { QueueUnavailableError } from "./queue-options.ts";

function job(traceId: string): IngestJob {
  return {
    v: INGEST_JOB_VERSION,
    projectId: "p",
    receivedAtUs: 1,
    events: { ...noEvents(), traces: [{ id: traceId, stamp: 1 }] },
  };
}

const ignore = () => {};

async function redisBackend() {
  const server = await createTestRedis();
  return { url: server.url, prefix: server.prefix, dispose: () => server[Symbol.asyncDispose]() };
}

async function postgresBackend() {
  const server = await createTestDatabase();
  return { url: server.url, prefix: "xtrace_queue", dispose: () => server[Symbol.asyncDispose]() };
}

describe.each([
  { name: "Redis", setup: redisBackend, available: testRedisUrl() !== undefined },
  { name: "PostgreSQL", setup: postgresBackend, available: true },
])("the queue on $name", ({ setup, available }) => {
  test.skipIf(!available)("delivers every job, and those that failed again", async () => {
    const server = await setup();
    const options = { ...server, onError: ignore };
    const producer = openProducer({ ...options, deadlineMs: 5_000 });
    const delivered: string[] = [];
    const failedOnce = new Set<string>();
    const consumer = openConsumer({
      ...options,
      concurrency: 10,
      process: async ({ id, data }) => {
        expect(id).not.toBe("");
        const traceId = (data as IngestJob).events.traces[0]?.id ?? "";
        if (traceId === "t3" && !failedOnce.has(traceId)) {
          failedOnce.add(traceId);
          throw new Error("database away");
        }
        delivered.push(traceId);
      },
    });
    await eventually(async () => producer.ping(), { timeoutMs: 10_000 });
    const sent = Array.from({ length: 20 }, (_, index) => `t${index}`);
    await Promise.all(sent.map((id) => producer.add(job(id))));
    await eventually(() => expect(new Set(delivered)).toEqual(new Set(sent)), { timeoutMs: 15_000 });
    await eventually(
      async () => expect(await consumer.backlog()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
      {
        timeoutMs: 5_000,
      },
    );
    await consumer.close();
    await producer.close();
    await server.dispose();
  });

  test.skipIf(!available)("delivers a large job of any characters as it was added", async () => {
    const server = await setup();
    const options = { ...server, onError: ignore };
    const producer = openProducer({ ...options, deadlineMs: 5_000 });
    await eventually(async () => producer.ping(), { timeoutMs: 10_000 });
    const { events, ...envelope } = job("large");
    const input = "é ✓ 𝄞 \r\n\\ ".repeat(20_000);
    const large = { ...envelope, events: { ...events, traces: [{ id: "large", stamp: 1, input }] } };
    await producer.add(large);
    const delivered: unknown[] = [];
    const consumer = openConsumer({
      ...options,
      concurrency: 1,
      process: async ({ data }) => void delivered.push(data),
    });
    await eventually(() => expect(delivered).toEqual([large]), { timeoutMs: 10_000 });
    await consumer.close();
    await producer.close();
    await server.dispose();
  });

  test.skipIf(!available)(
    "keeps jobs until a consumer comes, and finishes those in hand before it closes",
    async () => {
      const server = await setup();
      const options = { ...server, onError: ignore };
      const producer = openProducer({ ...options, deadlineMs: 5_000 });
      await eventually(async () => producer.ping(), { timeoutMs: 10_000 });
      await producer.add(job("kept"));
      const done: string[] = [];
      let started = false;
      const consumer = openConsumer({
        ...options,
        concurrency: 2,
        process: async ({ data }) => {
          started = true;
          await new Promise((resolve) => setTimeout(resolve, 300));
          done.push((data as IngestJob).events.traces[0]?.id ?? "");
        },
      });
      await eventually(() => expect(started).toBe(true), { timeoutMs: 10_000 });
      await consumer.close();
      expect(done).toEqual(["kept"]);
      await producer.close();
      await server.dispose();
    },
  );

  test.skipIf(!available)("shares API keys as a whole", async () => {
    const server = await setup();
    if (!server.url.startsWith("redis")) return server.dispose();
    const directory = openKeyDirectory({ ...server, onError: ignore });
    await eventually(async () => expect(await directory.read()).toEqual([]), { timeoutMs: 5_000 });
    const key = { projectId: "p", publicKey: "pk", secretHash: "0".repeat(64), scopes: ["ingest" as const] };
    await directory.publish([key]);
    expect(await directory.read()).toEqual([key]);
    await directory.close();
    return server.dispose();
  });
});

describe("a queue without a server", () => {
  test("refuses within its deadline, and can be closed", async () => {
    const producer = openProducer({ url: "redis://127.0.0.1:1", prefix: "x", onError: ignore, deadlineMs: 500 });
    const startedAt = performance.now();
    await expect(producer.add(job("t"))).rejects.toBeInstanceOf(QueueUnavailableError);
    await expect(producer.ping()).rejects.toBeInstanceOf(QueueUnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await producer.close();
  });

  test("can be closed while it consumes, too", async () => {
    const options = { url: "redis://127.0.0.1:1", prefix: "x", onError: ignore };
    const consumer = openConsumer({ ...options, concurrency: 1, process: async () => {} });
    await expect(consumer.backlog()).rejects.toBeInstanceOf(QueueUnavailableError);
    const startedAt = performance.now();
    await consumer.close();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test("refuses an address that is no queue", () => {
    expect(() => openProducer({ url: "http://x", prefix: "x", onError: ignore, deadlineMs: 1 })).toThrow(
      "expected redis://",
    );
  });
});
