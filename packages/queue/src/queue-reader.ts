import { INGEST_QUEUE } from "@xtrace/contract";
import { chooseBackend } from "./backend.ts";
import { connectRedis, firstAttempt, isConnected } from "./connect-redis.ts";
import { createLazyQueue } from "./lazy-queue.ts";
import { QueueUnavailableError, type QueueOptions } from "./queue-options.ts";
import { combineShards, createByteEstimate, type QueueReading } from "./queue-reading.ts";
import { readPostgresQueue } from "./read-postgres-queue.ts";
import { readRedisMemory, readRedisShard } from "./read-redis-shard.ts";
import { isRedisUrl } from "./redis-address.ts";
import { shardPrefix } from "./shards.ts";

/** Tells how much is queued, from the side and without a part in it: nothing is counted along, so nothing drifts. */
export type QueueReader = {
  /** One round trip to Redis, or one query. Rejects while the server is away. */
  read(): Promise<QueueReading>;
  /** How long to wait between two readings: a query costs PostgreSQL more than a script costs Redis. */
  readonly pauseMs: number;
  close(): Promise<void>;
};

const COMMAND_TIMEOUT_MS = 2_000;
const REDIS_PAUSE_MS = 250;
const POSTGRES_PAUSE_MS = 1_000;

export function openQueueReader(options: QueueOptions & { readonly shards: number }): QueueReader {
  return isRedisUrl(options.url) ? openRedisReader(options) : openPostgresReader(options);
}

function openRedisReader({
  url,
  prefix,
  shards: count,
  onError,
}: QueueOptions & { readonly shards: number }): QueueReader {
  const client = connectRedis(url, { commandTimeoutMs: COMMAND_TIMEOUT_MS, onError });
  const isKnown = firstAttempt(client);
  const shards = Array.from({ length: count }, (_, index) => ({
    prefix: shardPrefix(prefix, index),
    estimate: createByteEstimate(),
  }));
  return {
    pauseMs: REDIS_PAUSE_MS,
    async read() {
      await isKnown;
      if (!isConnected(client)) throw new QueueUnavailableError("The queue's server is not connected");
      const [memory, readings] = await Promise.all([
        readRedisMemory(client),
        Promise.all(
          shards.map(async (shard) => {
            const reading = await readRedisShard(client, shard.prefix);
            return { ...reading, bytes: shard.estimate(reading) };
          }),
        ),
      ]);
      return combineShards(readings, memory, Date.now());
    },
    async close() {
      client.disconnect();
    },
  };
}

function openPostgresReader(options: QueueOptions): QueueReader {
  const estimate = createByteEstimate();
  const lazy = createLazyQueue(
    chooseBackend(options, COMMAND_TIMEOUT_MS),
    (backend) => backend.openQueue(INGEST_QUEUE, {}),
    options.onError,
  );
  return {
    pauseMs: POSTGRES_PAUSE_MS,
    async read() {
      const reading = await readPostgresQueue(await lazy.get());
      return combineShards([{ ...reading, bytes: estimate(reading) }], null, Date.now());
    },
    close: () => lazy.close(),
  };
}
