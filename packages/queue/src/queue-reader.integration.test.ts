import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { createTestDatabase, createTestRedis, describeWithRedis, eventually, testRedisUrl } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { openConsumer } from "./consumer.ts";
import { openProducer } from "./producer.ts";
import { openQueueReader } from "./queue-reader.ts";
import { QueueUnavailableError } from "./queue-options.ts";

/** A job whose payload is about so long, and does not compress. */
function jobOf(length: number): IngestJob {
  const name = Array.from({ length }, () => Math.random().toString(36)[2] ?? "x").join("");
  const events = { ...noEvents(), traces: [{ id: "t", stamp: 1, name }] };
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events };
}

const ignore = () => {};

async function onRedis() {
  const server = await createTestRedis();
  return { url: server.url, prefix: server.prefix, dispose: () => server[Symbol.asyncDispose]() };
}

async function onPostgres() {
  const server = await createTestDatabase();
  return { url: server.url, prefix: "xtrace_queue", dispose: () => server[Symbol.asyncDispose]() };
}

describe.each([
  {
    name: "Redis",
    setup: onRedis,
    available: testRedisUrl() !== undefined,
    // The run's Redis has no maxmemory, so the limit is what the machine has.
    expectedMemory: { usedBytes: expect.any(Number), limitBytes: expect.any(Number) },
  },
  { name: "PostgreSQL", setup: onPostgres, available: true, expectedMemory: null },
])("a reader of the queue on $name", ({ setup, available, expectedMemory }) => {
  test.skipIf(!available)("tells jobs, their bytes and their age, until they are done", async () => {
    const server = await setup();
    const options = { ...server, onError: ignore };
    const producer = openProducer({ ...options, deadlineMs: 5_000 });
    const reader = openQueueReader({ ...options, shards: 1 });
    await eventually(() => producer.ping());
    const empty = { counts: { waiting: 0, active: 0, delayed: 0, failed: 0 }, bytes: 0, oldestAgeMs: 0 };
    expect(await reader.read()).toMatchObject(empty);

    const sizes = Array.from({ length: 300 }, (_, index) => (index % 10 === 0 ? 4_000 : 500));
    const startedAt = performance.now();
    for (const size of sizes) await producer.add(jobOf(size));
    const payload = sizes.reduce((sum, size) => sum + size + 170, 0);
    // Each sample is one in ten of all jobs; readings come four times a second.
    for (let i = 0; i < 20; i++) await reader.read();
    const { counts, bytes, oldestAgeMs, memory } = await reader.read();
    expect(counts).toEqual({ waiting: 300, active: 0, delayed: 0, failed: 0 });
    expect(bytes).toBeGreaterThan(payload * 0.6);
    expect(bytes).toBeLessThan(payload * 1.6);
    expect(oldestAgeMs).toBeGreaterThan(0);
    expect(oldestAgeMs).toBeLessThan(performance.now() - startedAt + 1_000);
    expect(memory).toEqual(expectedMemory);

    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const consumer = openConsumer({ ...options, concurrency: 10, process: () => held });
    await eventually(async () => expect((await reader.read()).counts).toMatchObject({ waiting: 290, active: 10 }));
    release?.();
    await eventually(async () => expect(await reader.read()).toMatchObject(empty));
    await consumer.close();
    await reader.close();
    await producer.close();
    await server.dispose();
  });
});

describeWithRedis("a process that starts with its queue", () => {
  test("waits for the connection before it says that there is none", async () => {
    await using server = await createTestRedis();
    const options = { ...server, onError: ignore };
    const reader = openQueueReader({ ...options, shards: 1 });
    const consumer = openConsumer({ ...options, concurrency: 1, process: async () => {} });
    const nothing = { waiting: 0, active: 0, delayed: 0, failed: 0 };
    expect(await Promise.all([reader.read(), consumer.backlog(), consumer.replayFailed()])).toEqual([
      expect.objectContaining({ counts: nothing }),
      nothing,
      0,
    ]);
    await Promise.all([reader.close(), consumer.close()]);
  });
});

test("rejects while the server is away", async () => {
  const reader = openQueueReader({ url: "redis://127.0.0.1:1", prefix: "x", shards: 1, onError: ignore });
  await expect(reader.read()).rejects.toBeInstanceOf(QueueUnavailableError);
  await reader.close();
});
