import { createPostgresBackend, createRedisBackend, Queue, withBackend, Worker } from "bullmq";
import type { PostgresQueueBackend, Processor, QueueOptions as BullQueueOptions, WorkerOptions } from "bullmq";
import type { BackOff } from "./back-off.ts";
import { connectRedis, firstAttempt, isConnected } from "./connect-redis.ts";
import { countAccepted } from "./count-accepted.ts";
import { sendPayloadsAsBytes } from "./payload-bytes.ts";
import { makePatient } from "./patient-backend.ts";
import { countAcceptedInPostgres, readPostgresTally, type PostgresQueue } from "./postgres-tally.ts";
import type { QueueOptions } from "./queue-options.ts";
import type { QueueTally } from "./queue-tally.ts";
import { isRedisUrl } from "./redis-address.ts";
import { readRedisTally } from "./redis-tally.ts";

type QueueSettings = Omit<BullQueueOptions, "connection" | "prefix">;
type WorkerSettings = Omit<WorkerOptions, "connection" | "prefix">;

/**
 * BullMQ's classes on one server. `isReachable` is asked before a queue is opened, `prepare` makes it count
 * what it takes before anything is added; `release` closes what BullMQ leaves open.
 */
export type Backend = {
  /** Resolves when `isReachable` has something to say. */
  readonly isKnown: Promise<void>;
  isReachable(): boolean;
  openQueue(name: string, settings: QueueSettings): Queue;
  prepare(queue: Queue): Promise<void>;
  readTally(queue: Queue): Promise<QueueTally>;
  /** A worker that is as patient with its server as `backOff`. */
  openWorker(name: string, processor: Processor, settings: WorkerSettings, backOff: BackOff): Worker;
  release(): void;
};

/**
 * The one place that chooses where jobs are kept.
 *
 * `commandTimeoutMs` is for producing: such a connection fails fast. Without it, commands wait for the server to come back.
 */
export function chooseBackend(options: QueueOptions, commandTimeoutMs?: number): Backend {
  if (isRedisUrl(options.url)) return redisBackend(options, commandTimeoutMs);
  if (/^postgres(ql)?:/.test(options.url)) return postgresBackend(options);
  throw new TypeError("A queue cannot live there: expected redis://, rediss:// or postgres://");
}

function redisBackend({ url, prefix, onError }: QueueOptions, commandTimeoutMs: number | undefined): Backend {
  const connection = connectRedis(url, commandTimeoutMs === undefined ? { onError } : { onError, commandTimeoutMs });
  countAccepted(connection);
  sendPayloadsAsBytes(connection);
  return {
    isKnown: firstAttempt(connection),
    isReachable: () => isConnected(connection),
    openQueue: (name, settings) => new Queue(name, { ...settings, connection, prefix }),
    prepare: async () => {},
    readTally: (queue) => readRedisTally(connection, (type) => queue.toKey(type)),
    openWorker: (name, processor, settings, backOff) =>
      new Worker(name, processor, { ...settings, connection, prefix }, (...args) =>
        makePatient(createRedisBackend(...args), backOff),
      ),
    release: () => connection.disconnect(),
  };
}

/** Connections of one queue or worker at most; a worker takes one more to listen on. */
const POSTGRES_POOL_SIZE = 4;

function postgresBackend({ url, prefix }: QueueOptions): Backend {
  const classes = withBackend(createPostgresBackend);
  const connection = { connectionString: url, schema: prefix, migrate: true, max: POSTGRES_POOL_SIZE };
  // The two backends' classes differ only in the type of their connection, which nobody outside reads.
  return {
    isKnown: Promise.resolve(),
    isReachable: () => true,
    openQueue: (name, settings) => new classes.Queue(name, { ...settings, connection }) as unknown as Queue,
    prepare: (queue) => countAcceptedInPostgres(poolOf(queue)),
    readTally: (queue) => readPostgresTally(poolOf(queue)),
    openWorker(name, processor, settings, backOff) {
      const patient = withBackend((...args: Parameters<typeof createPostgresBackend>) =>
        makePatient(createPostgresBackend(...args), backOff),
      );
      return new patient.Worker(name, processor as never, { ...settings, connection }) as unknown as Worker;
    },
    release: () => {},
  };
}

function poolOf(queue: Queue): PostgresQueue {
  return (queue.backend as unknown as PostgresQueueBackend).connection;
}
