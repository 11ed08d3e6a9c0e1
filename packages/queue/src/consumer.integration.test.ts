import { setTimeout as sleep } from "node:timers/promises";
import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import {
  createTestDatabase,
  createTestRedis,
  eventually,
  hasRedisServer,
  startRedisServer,
  testRedisUrl,
} from "@xtrace/testkit";
import { describe, expect, test, vi } from "vitest";
import { chooseBackend } from "./backend.ts";
import { openConsumer } from "./consumer.ts";
import { openProducer } from "./producer.ts";
import type { DeliveredJob } from "./queue-options.ts";

function job(traceId: string): IngestJob {
  const events = { ...noEvents(), traces: [{ id: traceId, stamp: 1 }] };
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events };
}

const ignore = () => {};

/** A producer, and a consumer that writes down what it got. */
function setup(queue: { url: string; prefix: string }) {
  const delivered: string[] = [];
  const errors: Error[] = [];
  const producer = openProducer({ ...queue, deadlineMs: 2_000, onError: ignore });
  const consumer = openConsumer({
    ...queue,
    concurrency: 50,
    lockDurationMs: 2_000,
    onError: (error) => errors.push(error),
    process: async ({ data }) => void delivered.push((data as IngestJob).events.traces[0]?.id ?? ""),
  });
  const send = (id: string) => eventually(() => producer.add(job(id)), { timeoutMs: 15_000 });
  const arrives = (id: string) => eventually(() => expect(delivered).toContain(id), { timeoutMs: 20_000 });
  const close = async () => {
    await consumer.close();
    await producer.close();
  };
  return { consumer, errors, send, arrives, close };
}

describe.skipIf(!hasRedisServer())("a consumer of a Redis", () => {
  test("goes on after FLUSHALL", async () => {
    await using server = await startRedisServer();
    const { consumer, send, arrives, close } = setup({ url: server.url, prefix: "{x}" });
    await send("before");
    await arrives("before");
    await server.command("FLUSHALL");
    for (let i = 0; i < 3; i++) {
      await send(`after-${i}`);
      await arrives(`after-${i}`);
    }
    expect((await consumer.backlog()).failed).toBe(0);
    await close();
  });

  test("takes the next job from the answer that finishes one without writing it out as a text", async () => {
    await using redis = await createTestRedis();
    const ids = ["one", "two", "three"].map((id) => `written-out-${id}`);
    const producer = openProducer({ ...redis, deadlineMs: 2_000, onError: ignore });
    for (const id of ids) await producer.add(job(id));
    await producer.close();
    const toText = vi.spyOn(Array.prototype, "toString");
    try {
      const delivered: unknown[] = [];
      const process = async ({ data }: DeliveredJob) => void delivered.push((data as IngestJob).events.traces[0]?.id);
      const consumer = openConsumer({ ...redis, concurrency: 1, lockDurationMs: 2_000, onError: ignore, process });
      await eventually(() => expect(delivered).toEqual(ids));
      await consumer.close();
      const written = toText.mock.results.filter(({ value }) => String(value).includes("written-out"));
      expect(written).toEqual([]);
    } finally {
      toText.mockRestore();
    }
  });

  test("gives a job again to the very consumer that has it in hand and was frozen", async () => {
    await using redis = await createTestRedis();
    const producer = openProducer({ ...redis, deadlineMs: 2_000, onError: ignore });
    await producer.add(job("in hand"));
    const inHand: string[] = [];
    let release = ignore;
    const released = new Promise<void>((resolve) => (release = resolve));
    const process = async ({ id }: DeliveredJob) => {
      inHand.push(id);
      await released;
    };
    const consumer = openConsumer({ ...redis, concurrency: 5, lockDurationMs: 500, onError: ignore, process });
    await eventually(() => expect(inHand).toHaveLength(1), { timeoutMs: 10_000 });
    // Until its own first look for jobs without a lock has written down what is being worked on.
    await sleep(1_000);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    await eventually(() => expect(inHand).toHaveLength(2), { timeoutMs: 20_000 });
    expect(new Set(inHand).size).toBe(1);
    release();
    await consumer.close();
    await producer.close();
  });

  test("goes on after kill -9 and a restart, with what had been queued", async () => {
    await using server = await startRedisServer();
    const { consumer, send, arrives, close } = setup({ url: server.url, prefix: "{x}" });
    await send("before");
    await arrives("before");
    await server.kill();
    await server.restart();
    await send("after");
    await arrives("after");
    expect((await consumer.backlog()).failed).toBe(0);
    await close();
  });

  test("asks seldom while its server is a replica, and goes on when that is a master again", async () => {
    await using server = await startRedisServer();
    const { consumer, errors, send, arrives, close } = setup({ url: server.url, prefix: "{x}" });
    await send("before");
    await arrives("before");
    // Of nobody: it keeps its data and answers READONLY to every write.
    await server.command("REPLICAOF", "127.0.0.1", "1");
    await eventually(() => expect(errors.some(({ message }) => message.startsWith("READONLY"))).toBe(true), {
      timeoutMs: 15_000,
    });
    const before = errors.length;
    const startedAt = performance.now();
    await eventually(() => expect(performance.now() - startedAt).toBeGreaterThan(3_000));
    const errorsPerSecond = ((errors.length - before) / (performance.now() - startedAt)) * 1_000;
    console.log(`READONLY: ${errorsPerSecond.toFixed(1)} errors/s`);
    expect(errorsPerSecond).toBeLessThan(25);
    await server.command("REPLICAOF", "NO", "ONE");
    await send("after");
    await arrives("after");
    expect((await consumer.backlog()).failed).toBe(0);
    await close();
  }, 60_000);
});

async function onRedis() {
  const server = await createTestRedis();
  return { url: server.url, prefix: server.prefix, dispose: () => server[Symbol.asyncDispose]() };
}

async function onPostgres() {
  const server = await createTestDatabase();
  return { url: server.url, prefix: "xtrace_queue", dispose: () => server[Symbol.asyncDispose]() };
}

const SERVERS = [
  ...(testRedisUrl() === undefined ? [] : [{ name: "Redis", onServer: onRedis }]),
  { name: "PostgreSQL", onServer: onPostgres },
];

test.each(SERVERS)("a consumer on $name that is held fetches nothing until it is let go", async ({ onServer }) => {
  const server = await onServer();
  const options = { ...server, onError: ignore };
  const producer = openProducer({ ...options, deadlineMs: 5_000 });
  const inHand: Array<() => void> = [];
  const consumer = openConsumer({
    ...options,
    concurrency: 50,
    process: () => new Promise<void>((resolve) => inHand.push(resolve)),
  });
  await eventually(() => producer.add(job("first")), { timeoutMs: 10_000 });
  await eventually(() => expect(inHand).toHaveLength(1));
  consumer.hold(true);
  const others = Array.from({ length: 20 }, (_, index) => producer.add(job(`other-${index}`)));
  await Promise.all(others);
  // One fetch may have been under way.
  await eventually(async () => expect((await consumer.backlog()).waiting).toBeGreaterThanOrEqual(19));
  await sleep(500);
  expect(inHand.length).toBeLessThanOrEqual(2);

  consumer.hold(false);
  inHand[0]?.();
  await eventually(() => expect(inHand).toHaveLength(21), { timeoutMs: 10_000 });
  for (const end of inHand) end();
  await consumer.close();
  await producer.close();
  await server.dispose();
});

test.each(SERVERS)("a consumer on $name delivers failed jobs again when told", async ({ onServer }) => {
  const server = await onServer();
  const options = { ...server, onError: ignore };
  const backend = chooseBackend(options);
  const queue = backend.openQueue("ingest-0", {});
  await queue.waitUntilReady();
  await queue.add("ingest", job("failing"), { attempts: 1 });
  let works = false;
  const delivered: unknown[] = [];
  const consumer = openConsumer({
    ...options,
    concurrency: 1,
    process: async ({ data }) => {
      if (!works) throw new Error("not now");
      delivered.push(data);
    },
  });
  await eventually(async () => expect((await consumer.backlog()).failed).toBe(1));
  works = true;
  expect(await consumer.replayFailed()).toBe(1);
  await eventually(() => expect(delivered).toEqual([job("failing")]));
  await eventually(async () => expect((await consumer.backlog()).failed).toBe(0));
  expect(await consumer.replayFailed()).toBe(0);
  await consumer.close();
  await queue.close();
  backend.release();
  await server.dispose();
});
