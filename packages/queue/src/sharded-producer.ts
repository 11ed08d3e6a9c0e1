import { openProducer } from "./producer.ts";
import type { IngestProducer, QueueOptions } from "./queue-options.ts";
import { repeat } from "./repeat.ts";
import { openShardDirectory } from "./shard-directory.ts";
import { shardOf, shardPrefix } from "./shards.ts";

/** Again and again, since a Redis that was emptied forgets it. */
const ANNOUNCE_INTERVAL_MS = 10_000;

/**
 * Opens a queue of `shards` parts for adding. A job goes to the shard of its first trace, and to no other when that
 * one's server is away: `add` rejects then. `ping` rejects when no shard can take jobs.
 */
export function openShardedProducer(
  options: QueueOptions & { readonly deadlineMs: number; readonly shards: number },
): IngestProducer {
  const { shards, prefix, onError } = options;
  if (shards === 1) return openProducer(options);
  const directory = openShardDirectory(options);
  const announcing = repeat(() => directory.announce(shards), { intervalMs: ANNOUNCE_INTERVAL_MS, onError });
  const producers = Array.from({ length: shards }, (_, index) =>
    openProducer({ ...options, prefix: shardPrefix(prefix, index) }),
  );
  return {
    async add(job) {
      await producers[shardOf(job, shards)]?.add(job);
    },
    async ping() {
      await Promise.any(producers.map((producer) => producer.ping()));
    },
    async close() {
      announcing.stop();
      await Promise.all([directory.close(), ...producers.map((producer) => producer.close())]);
    },
  };
}
