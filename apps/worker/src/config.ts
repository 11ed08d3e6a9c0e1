import { RedisUrl } from "@xtrace/queue";
import { envFlag, envInt, envLogLevel, envUrl, parseEnv } from "@xtrace/runtime";
import { z } from "zod";

export const WorkerSettings = z.object({
  REDIS_URL: RedisUrl.describe(
    "The queue: `redis://host:6379`. Several hosts, `redis://a:7000,b:7001`, are nodes of a Redis Cluster; " +
      "`redis+sentinel://a:26379,b:26379/mymaster` names Sentinels and what they call the master.",
  ),
  NODE_ENV: z.string().optional().describe("`production` refuses a Redis that may lose what it acknowledged."),
  ALLOW_VOLATILE_QUEUE: envFlag(false).describe(
    "Run in production on a Redis without append-only file, or that evicts.",
  ),
  QUEUE_PREFIX: z
    .string()
    .min(1)
    .default("{xtrace}")
    .describe("Prefix of all keys in Redis. The braces keep them in one cluster slot."),
  DATABASE_URL: envUrl(["postgres:", "postgresql:"]).describe(
    "PostgreSQL: `postgres://user:password@host:5432/xtrace`.",
  ),
  DATABASE_POOL_SIZE: envInt({ min: 1, max: 100, default: 4 }).describe("Connections to PostgreSQL at most."),
  STATEMENT_TIMEOUT_MS: envInt({ min: 100, default: 10_000 }).describe(
    "A statement that takes longer is cancelled and its batch tried again; so long a worker that hangs in a transaction keeps its rows.",
  ),
  BATCH_MAX_ITEMS: envInt({ min: 1, max: 10_000, default: 200 }).describe("Queue items in one transaction at most."),
  BATCH_MAX_WAIT_MS: envInt({ min: 0, max: 10_000, default: 50 }).describe(
    "How long an item waits at most for others to join its batch.",
  ),
  BATCH_MAX_EVENTS: envInt({ min: 1, default: 2_000 }).describe(
    "Events in one transaction at most: bounds memory where items are large.",
  ),
  PREFETCH_MAX_BYTES: envInt({ min: 0, default: 8 * 1024 * 1024 }).describe(
    "Events that a worker takes from the queue before it has stored the ones before, in bytes as they were sent. Held as objects they take several times that.",
  ),
  QUEUE_LOCK_MS: envInt({ min: 1_000, default: 30_000 }).describe(
    "A job whose worker was silent for this long is given to another one.",
  ),
  WORKER_STUCK_AFTER_MS: envInt({ min: 1_000, default: 60_000 }).describe(
    "/livez answers 503 when jobs wait and the worker made nothing of them for this long.",
  ),
  KEY_REFRESH_MS: envInt({ min: 100, default: 10_000 }).describe("How often API keys are published for the gateways."),
  WORKER_HEALTH_ADDR: z
    .string()
    .default("127.0.0.1:8745")
    .describe("Where /healthz, /livez, /readyz and /metrics are served."),
  LOG_LEVEL: envLogLevel("info"),
});

export type BatchConfig = {
  readonly maxItems: number;
  readonly maxWaitMs: number;
  readonly maxEvents: number;
  /** Of the jobs in hand, in batches that are written and in the next. */
  readonly maxPrefetchBytes: number;
};

export type WorkerLimits = {
  /** A job is a worker's for this long after its last sign of life. */
  readonly lockDurationMs: number;
  /** Without progress for this long, while jobs wait, the worker is to be restarted. */
  readonly stuckAfterMs: number;
};

export type WorkerConfig = {
  readonly queue: { readonly url: string; readonly prefix: string };
  /** Whether a Redis that may lose what it acknowledged is refused rather than warned of. */
  readonly requireDurableQueue: boolean;
  readonly database: { readonly url: string; readonly poolSize: number; readonly statementTimeoutMs: number };
  readonly batch: BatchConfig;
  readonly limits: WorkerLimits;
  readonly keyRefreshMs: number;
  readonly healthAddr: string;
  readonly logLevel: string;
};

/** The only reader of this process's environment. Throws ConfigError. */
export function loadWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  const parsed = parseEnv(WorkerSettings, env);
  return {
    queue: { url: parsed.REDIS_URL, prefix: parsed.QUEUE_PREFIX },
    requireDurableQueue: parsed.NODE_ENV === "production" && !parsed.ALLOW_VOLATILE_QUEUE,
    database: {
      url: parsed.DATABASE_URL,
      poolSize: parsed.DATABASE_POOL_SIZE,
      statementTimeoutMs: parsed.STATEMENT_TIMEOUT_MS,
    },
    batch: {
      maxItems: parsed.BATCH_MAX_ITEMS,
      maxWaitMs: parsed.BATCH_MAX_WAIT_MS,
      maxEvents: parsed.BATCH_MAX_EVENTS,
      maxPrefetchBytes: parsed.PREFETCH_MAX_BYTES,
    },
    limits: { lockDurationMs: parsed.QUEUE_LOCK_MS, stuckAfterMs: parsed.WORKER_STUCK_AFTER_MS },
    keyRefreshMs: parsed.KEY_REFRESH_MS,
    healthAddr: parsed.WORKER_HEALTH_ADDR,
    logLevel: parsed.LOG_LEVEL,
  };
}
