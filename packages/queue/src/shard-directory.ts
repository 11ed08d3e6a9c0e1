import { connectRedis } from "./connect-redis.ts";
import type { QueueOptions } from "./queue-options.ts";

/**
 * The shards that gateways ever wrote to. Workers consume all of them, so the number of shards is a setting of
 * the gateways alone, and jobs are not forgotten in a shard that is no longer written to.
 */
export type ShardDirectory = {
  announce(shards: number): Promise<void>;
  /** How many shards there are at least; 0 when nobody announced any. */
  count(): Promise<number>;
  close(): Promise<void>;
};

const COMMAND_TIMEOUT_MS = 2_000;

export function openShardDirectory({ url, prefix, onError }: QueueOptions): ShardDirectory {
  const client = connectRedis(url, { commandTimeoutMs: COMMAND_TIMEOUT_MS, onError });
  const key = `${prefix}:shards`;
  return {
    async announce(shards) {
      await client.sadd(key, ...Array.from({ length: shards }, (_, index) => String(index)));
    },
    async count() {
      const indexes = (await client.smembers(key)).map(Number);
      return indexes.length === 0 ? 0 : Math.max(...indexes) + 1;
    },
    async close() {
      client.disconnect();
    },
  };
}
