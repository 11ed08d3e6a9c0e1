import type { QueueCounts } from "./queue-options.ts";

/** What the queue holds, at one moment. */
export type QueueReading = {
  readonly counts: QueueCounts;
  /** Payload of the jobs that wait, run or are to be retried: their number times the size of a sample of them. */
  readonly bytes: number;
  /** Since the oldest of them was queued; 0 when there is none. */
  readonly oldestAgeMs: number;
  /** Of the fullest server, where the queue is in memory. */
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number } | null;
};

/** One shard as its server tells it. `sampleBytes` is the payload of `sampled` of its jobs, taken evenly from all of them. */
export type ShardReading = QueueCounts & {
  readonly sampled: number;
  readonly sampleBytes: number;
  readonly oldestAtMs: number | null;
};

/** How much of the mean size the latest sample decides; the rest is what was known before. */
const SAMPLE_WEIGHT = 0.3;

/** Turns readings of one shard into its bytes. Remembers the mean size of jobs, so that small samples add up; it corrects itself. */
export function createByteEstimate(): (shard: ShardReading) => number {
  let meanBytes: number | undefined;
  return function estimate({ waiting, active, delayed, failed, sampled, sampleBytes }) {
    if (sampled === 0) {
      meanBytes = undefined;
      return 0;
    }
    const latest = sampleBytes / sampled;
    const jobs = waiting + active + delayed + failed;
    // All of them were looked at, so there is nothing to estimate.
    meanBytes = meanBytes === undefined || sampled >= jobs ? latest : meanBytes + SAMPLE_WEIGHT * (latest - meanBytes);
    return Math.round(jobs * meanBytes);
  };
}

export function combineShards(
  shards: ReadonlyArray<ShardReading & { readonly bytes: number }>,
  memory: QueueReading["memory"],
  nowMs: number,
): QueueReading {
  const sum = (pick: (shard: (typeof shards)[number]) => number) =>
    shards.reduce((total, shard) => total + pick(shard), 0);
  const oldestAtMs = Math.min(...shards.map((shard) => shard.oldestAtMs ?? Infinity));
  return {
    counts: {
      waiting: sum(({ waiting }) => waiting),
      active: sum(({ active }) => active),
      delayed: sum(({ delayed }) => delayed),
      failed: sum(({ failed }) => failed),
    },
    bytes: sum(({ bytes }) => bytes),
    oldestAgeMs: Number.isFinite(oldestAtMs) ? Math.max(0, nowMs - oldestAtMs) : 0,
    memory,
  };
}
