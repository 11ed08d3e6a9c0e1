import { setTimeout as sleep } from "node:timers/promises";
import { INGEST_QUEUE } from "@xtrace/contract";
import { Queue } from "bullmq";
import type { QueueCounts } from "../../src/test-system.ts";

export type QueueLocation = { redisUrl(): Promise<string>; readonly queuePrefix: string };

/** A queue for the time of `use`, that fails rather than waits for a server that is away. */
export async function withQueue<T>(location: QueueLocation, use: (queue: Queue) => Promise<T>): Promise<T> {
  const connection = { url: await location.redisUrl(), maxRetriesPerRequest: 1, connectTimeout: 2_000 };
  const queue = new Queue(INGEST_QUEUE, { connection, prefix: location.queuePrefix });
  queue.on("error", () => {});
  try {
    return await use(queue);
  } finally {
    await queue.close().catch(() => {});
  }
}

export async function countJobs(queue: Queue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
  const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
  return { waiting, active, delayed, failed };
}

export const backlogOf = ({ waiting, active, delayed }: QueueCounts) => waiting + active + delayed;

/** Waits until nothing waits, runs or is to be retried, for `timeoutMs` at most; tells how long that took and what is left. */
export async function drain(
  location: QueueLocation,
  timeoutMs: number,
): Promise<{ readonly tookMs: number; readonly left: QueueCounts }> {
  const startedAt = performance.now();
  return await withQueue(location, async (queue) => {
    for (;;) {
      const left = await countJobs(queue);
      const tookMs = performance.now() - startedAt;
      if (backlogOf(left) === 0 || tookMs > timeoutMs) return { tookMs, left };
      await sleep(100);
    }
  });
}
