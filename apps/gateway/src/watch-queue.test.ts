import { Writable } from "node:stream";
import type { QueueReading } from "@xtrace/queue";
import { createLogger, createMetrics } from "@xtrace/runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAdmission } from "./admission.ts";
import { createQueueMetrics } from "./queue-metrics.ts";
import { watchQueue } from "./watch-queue.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EMPTY: QueueReading = {
  counts: { waiting: 0, active: 0, delayed: 0, failed: 0 },
  bytes: 0,
  oldestAgeMs: 0,
  memory: { usedBytes: 1, limitBytes: 100 },
};

function setup(found: Partial<QueueReading> = {}) {
  const queue = { reading: { ...EMPTY, ...found }, reads: 0, lasts: 0 };
  const reader = {
    pauseMs: 250,
    async read() {
      queue.reads += 1;
      if (queue.lasts > 0) await new Promise((resolve) => setTimeout(resolve, queue.lasts));
      return queue.reading;
    },
    close: async () => {},
  };
  const admission = createAdmission({ maxBytes: 100, maxMemoryPercent: 70, maxAgeMs: 0 }, () => performance.now());
  const metrics = createQueueMetrics(createMetrics({ process: "test" }), admission);
  const log = createLogger({ name: "test", level: "fatal", destination: new Writable() });
  const watch = watchQueue({ reader, admission, metrics, log });
  /** How often the queue is read in so many seconds. */
  async function readsIn(seconds: number): Promise<number> {
    const before = queue.reads;
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    return queue.reads - before;
  }
  const add = (bytes: number) => {
    admission.added(bytes);
    watch.added();
  };
  return { queue, admission, watch, readsIn, add };
}

test("reads an empty queue every four seconds", async () => {
  const { watch, readsIn } = setup();
  await readsIn(1);
  expect(await readsIn(40)).toBe(10);
  await watch.stop();
});

test.each([
  { name: "that holds something", found: { bytes: 10 } },
  { name: "that is empty, of a server that others fill", found: { memory: { usedBytes: 80, limitBytes: 100 } } },
])("reads a queue $name four times a second", async ({ found }) => {
  const { watch, readsIn } = setup(found);
  await readsIn(1);
  expect(await readsIn(10)).toBe(40);
  await watch.stop();
});

test("reads at once when something is added after a quiet time, in which others may have filled the queue", async () => {
  const { queue, admission, watch, readsIn, add } = setup();
  await readsIn(2);
  queue.reading = { ...EMPTY, bytes: 100 };
  expect(admission.closed()).toBeUndefined();
  add(1);
  await readsIn(0);
  expect(admission.closed()).toEqual({ reason: "queue bytes" });
  await watch.stop();
});

test("reads no more often than four times a second, however much is added", async () => {
  const { watch, readsIn, add } = setup();
  const adding = setInterval(() => add(0), 10);
  expect(await readsIn(10)).toBeLessThanOrEqual(41);
  clearInterval(adding);
  await watch.stop();
});

test("begins no pause when it was stopped while it read", async () => {
  const { queue, watch, readsIn } = setup();
  await readsIn(1);
  queue.lasts = 2_000;
  await readsIn(4);
  const stopping = watch.stop();
  let isStopped = false;
  void stopping.then(() => (isStopped = true));
  await readsIn(2);
  expect(isStopped).toBe(true);
});

test("does not wait out a pause when it is stopped", async () => {
  const { watch, readsIn } = setup();
  await readsIn(2);
  await watch.stop();
  expect(await readsIn(10)).toBe(0);
});
