import { eventsOfJobId, INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { createTestDatabase, createTestRedis, eventually, testRedisUrl } from "@xtrace/testkit";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { openConsumer } from "./consumer.ts";
import { openProducer } from "./producer.ts";

function job(events: number): IngestJob {
  const traces = Array.from({ length: events }, (_, index) => ({ id: `t${index}`, stamp: 1 }));
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events: { ...noEvents(), traces } };
}

const onError = () => {};

async function setup(queueOf: "redis" | "postgres") {
  const server =
    queueOf === "redis" ? await createTestRedis() : { ...(await createTestDatabase()), prefix: "xtrace_queue" };
  const options = { url: server.url, prefix: queueOf === "redis" ? `{${server.prefix}}` : server.prefix, onError };
  const producer = openProducer({ ...options, deadlineMs: 5_000 });
  await eventually(() => producer.ping(), { timeoutMs: 10_000 });
  return {
    options,
    producer,
    async [Symbol.asyncDispose]() {
      await producer.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe.each([
  { name: "Redis", queueOf: "redis" as const, available: testRedisUrl() !== undefined },
  { name: "PostgreSQL", queueOf: "postgres" as const, available: true },
])("the tally of a queue on $name", ({ queueOf, available }) => {
  test.skipIf(!available)("has every event that was ever taken, and the jobs that are there", async () => {
    await using queue = await setup(queueOf);
    const held: Array<() => void> = [];
    let fails = true;
    const consumer = openConsumer({
      ...queue.options,
      concurrency: 2,
      process: async () => {
        if (fails) throw new Error("database away");
        await new Promise<void>((resolve) => held.push(resolve));
      },
    });
    await using second = {
      producer: openProducer({ ...queue.options, deadlineMs: 5_000 }),
      [Symbol.asyncDispose]: () => second.producer.close(),
    };
    await eventually(() => second.producer.ping(), { timeoutMs: 10_000 });
    // One to be tried again later, two in hand, one that waits.
    await queue.producer.add(job(5));
    await eventually(async () => expect((await consumer.backlog()).delayed).toBe(1), { timeoutMs: 10_000 });
    fails = false;
    for (const events of [1, 2, 3]) await second.producer.add(job(events));
    await eventually(() => expect(held.length).toBe(2), { timeoutMs: 10_000 });

    const tally = await consumer.tally();
    expect(tally.accepted).toBe(11);
    expect(tally.jobIds?.map(eventsOfJobId).sort()).toEqual([1, 2, 3, 5]);

    await eventually(
      async () => {
        for (const release of held.splice(0)) release();
        expect((await consumer.tally()).jobIds).toEqual([]);
      },
      { timeoutMs: 15_000 },
    );
    expect(await consumer.tally()).toEqual({ ...tally, jobIds: [] });
    await consumer.close();
  });
});

describe.skipIf(testRedisUrl() === undefined)("a queue on Redis that was emptied by hand", () => {
  test("begins another count, under another name", async () => {
    await using queue = await setup("redis");
    const consumer = openConsumer({ ...queue.options, concurrency: 1, process: async () => {} });
    await eventually(async () => expect((await consumer.tally()).accepted).toBe(0), { timeoutMs: 10_000 });
    await queue.producer.add(job(3));
    const before = await consumer.tally();
    const redis = new Redis(queue.options.url);
    const keys = await redis.keys(`${queue.options.prefix}*`);
    await redis.del(...keys);
    redis.disconnect();
    await queue.producer.add(job(4));
    const after = await consumer.tally();
    expect([before.accepted, after.accepted]).toEqual([3, 4]);
    expect(after.counter).not.toBe(before.counter);
    await consumer.close();
  });
});
