import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { createTestRedis, describeWithRedis, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { openProducer } from "./producer.ts";
import { openQueueReader } from "./queue-reader.ts";
import { QueueUnavailableError } from "./queue-options.ts";
import { openShardedConsumer } from "./sharded-consumer.ts";
import { openShardedProducer } from "./sharded-producer.ts";

function job(traceId: string): IngestJob {
  const events = { ...noEvents(), traces: [{ id: traceId, stamp: 1 }] };
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events };
}

const ignore = () => {};
const SENT = Array.from({ length: 60 }, (_, index) => `t${index}`);

describeWithRedis("a queue in several shards", () => {
  test("is consumed whole by consumers that were told of one, and so is what was queued when there was one", async () => {
    await using redis = await createTestRedis();
    const options = { ...redis, onError: ignore };
    const earlier = openProducer({ ...options, deadlineMs: 5_000 });
    await eventually(() => earlier.add(job("earlier")));
    const producer = openShardedProducer({ ...options, deadlineMs: 5_000, shards: 3 });
    await eventually(() => producer.ping());
    await Promise.all(SENT.map((id) => eventually(() => producer.add(job(id)))));
    const reader = openQueueReader({ ...options, shards: 3 });
    await eventually(async () => expect((await reader.read()).counts.waiting).toBe(SENT.length + 1));
    const first = openQueueReader({ ...options, shards: 1 });
    await eventually(async () => expect((await first.read()).counts.waiting).toBeLessThan(SENT.length / 2));

    const delivered: string[] = [];
    const consumer = openShardedConsumer({
      ...options,
      concurrency: 10,
      process: async ({ data }) => void delivered.push((data as IngestJob).events.traces[0]?.id ?? ""),
    });
    await eventually(() => expect(delivered.toSorted()).toEqual([...SENT, "earlier"].toSorted()), {
      timeoutMs: 20_000,
    });
    await eventually(async () =>
      expect(await consumer.backlog()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
    );
    const tallies = await consumer.tally();
    expect(tallies).toHaveLength(3);
    expect(tallies.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(SENT.length + 1);
    expect(await consumer.replayFailed()).toBe(0);
    await Promise.all([consumer.close(), producer.close(), earlier.close(), reader.close(), first.close()]);
  });
});

test("a queue in several shards without a server refuses within its deadline, and can be closed", async () => {
  const options = { url: "redis://127.0.0.1:1", prefix: "x", onError: ignore };
  const producer = openShardedProducer({ ...options, deadlineMs: 500, shards: 2 });
  await expect(producer.add(job("t"))).rejects.toBeInstanceOf(QueueUnavailableError);
  await expect(producer.ping()).rejects.toThrow();
  await producer.close();
  const consumer = openShardedConsumer({ ...options, concurrency: 1, process: async () => {} });
  await consumer.close();
});
