import { openConsumer, type ConsumerOptions } from "./consumer.ts";
import type { IngestConsumer, QueueCounts } from "./queue-options.ts";
import type { QueueTally } from "./queue-tally.ts";
import { isRedisUrl } from "./redis-address.ts";
import { repeat } from "./repeat.ts";
import { openShardDirectory } from "./shard-directory.ts";
import { shardPrefix } from "./shards.ts";

export type ShardedConsumer = Omit<IngestConsumer, "tally"> & {
  /** What each shard has and ever had. */
  tally(): Promise<readonly QueueTally[]>;
};

/** How soon a shard is consumed that a gateway has just begun to write to. */
const LOOK_INTERVAL_MS = 5_000;

/**
 * Consumes every shard there is, whoever wrote to it, into one `process`. Shards that gateways write to are found
 * while it runs, so a new number of shards is set at the gateways and nowhere else.
 *
 * `concurrency` is the number of places of a queue in one part. Each of several parts has half of them: enough to fill a
 * batch by itself, while the jobs in hand stay bounded.
 */
export function openShardedConsumer(options: ConsumerOptions): ShardedConsumer {
  const { prefix, onError } = options;
  const consumers: IngestConsumer[] = [openConsumer(options)];
  let isClosed = false;
  let isHeld = false;

  function consume(shards: number): void {
    while (consumers.length < shards && !isClosed) {
      const shard = { prefix: shardPrefix(prefix, consumers.length), concurrency: Math.ceil(options.concurrency / 2) };
      const consumer = openConsumer({ ...options, ...shard });
      consumer.hold(isHeld);
      consumers.push(consumer);
    }
  }

  const directory = isRedisUrl(options.url) ? openShardDirectory(options) : undefined;
  const looking = directory
    ? repeat(async () => consume(await directory.count()), { intervalMs: LOOK_INTERVAL_MS, onError })
    : undefined;

  return {
    hold(isFull) {
      // Also for parts that are found meanwhile.
      isHeld = isFull;
      for (const consumer of consumers) consumer.hold(isHeld);
    },
    async backlog() {
      return sumOf(await Promise.all(consumers.map((consumer) => consumer.backlog())));
    },
    async tally() {
      return await Promise.all(consumers.map((consumer) => consumer.tally()));
    },
    async replayFailed() {
      const replayed = await Promise.all(consumers.map((consumer) => consumer.replayFailed()));
      return replayed.reduce((sum, jobs) => sum + jobs, 0);
    },
    async close() {
      isClosed = true;
      looking?.stop();
      await Promise.all([directory?.close(), ...consumers.map((consumer) => consumer.close())]);
    },
  };
}

function sumOf(counts: readonly QueueCounts[]): QueueCounts {
  const sum = { waiting: 0, active: 0, delayed: 0, failed: 0 };
  for (const { waiting, active, delayed, failed } of counts) {
    sum.waiting += waiting;
    sum.active += active;
    sum.delayed += delayed;
    sum.failed += failed;
  }
  return sum;
}
