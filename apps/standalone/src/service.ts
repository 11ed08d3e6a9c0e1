import { setTimeout as sleep } from "node:timers/promises";
import { listActiveApiKeys, migrateDatabase, openDatabase } from "@xtrace/db";
import { ingestBudgets, startGateway, type GatewayService } from "@xtrace/gateway";
import { createQueryService } from "@xtrace/query";
import {
  createMetrics,
  createReadiness,
  keysFromEnv,
  openProjectFromEnv,
  type Check,
  type KeyEnv,
  type Logger,
  type Readiness,
} from "@xtrace/runtime";
import type { Hono } from "hono";
import { createStandaloneApp } from "./app.ts";
import type { StandaloneConfig } from "./config.ts";
import { startWorkerThread } from "./worker-thread.ts";

export type StandaloneService = {
  readonly app: Hono;
  readonly readiness: Readiness;
  /** Serves OTLP over gRPC as well. The caller closes it before this service. */
  readonly listenGrpc: GatewayService["listenGrpc"];
  /** Resolves, with the reason, when the worker ended unasked: then the process has to end as well. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
};

/** The label of all metrics. */
const PROCESS = "standalone";
const POLL_MS = 50;
const QUEUE_START_TIMEOUT_MS = 30_000;

/** The queue makes its own schema when it is first used; the first clients are not to wait for that, or be refused for it. */
async function untilWorking(checks: Readonly<Record<string, Check>>): Promise<void> {
  const deadline = performance.now() + QUEUE_START_TIMEOUT_MS;
  for (;;) {
    try {
      await Promise.all(Object.values(checks).map((check) => check()));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** BullMQ's schema beside ours, in the same database. */
const QUEUE_SCHEMA = "xtrace_queue";

/** It writes one batch after another, the rest is for what it looks after in between. */
const WORKER_POOL_SIZE = 4;

/**
 * Migrates, then starts worker, gateway and query in this process, over the given database: the worker in a thread of its own,
 * so that what it does takes no time from requests.
 */
export async function startStandalone(options: {
  readonly config: StandaloneConfig;
  readonly keys: KeyEnv;
  readonly databaseUrl: string;
  readonly log: Logger;
}): Promise<StandaloneService> {
  const { config, keys, databaseUrl, log } = options;
  await migrateDatabase(databaseUrl);
  const databaseOptions = {
    url: databaseUrl,
    poolSize: config.DATABASE_POOL_SIZE,
    applicationName: "xtrace",
    statementTimeoutMs: config.STATEMENT_TIMEOUT_MS,
  };
  const database = openDatabase(databaseOptions);
  const metrics = createMetrics({ process: PROCESS });
  const readiness = createReadiness();
  const queue = config.REDIS_URL
    ? { url: config.REDIS_URL, prefix: config.QUEUE_PREFIX, shards: config.QUEUE_SHARDS }
    : { url: databaseUrl, prefix: QUEUE_SCHEMA, shards: 1 };

  const worker = startWorkerThread({
    process: PROCESS,
    log: config.log,
    database: { ...databaseOptions, poolSize: WORKER_POOL_SIZE, applicationName: "xtrace-worker" },
    queue,
    batch: {
      maxItems: config.BATCH_MAX_ITEMS,
      maxWaitMs: config.BATCH_MAX_WAIT_MS,
      maxEvents: config.BATCH_MAX_EVENTS,
      maxPrefetchBytes: config.PREFETCH_MAX_BYTES,
    },
    limits: { lockDurationMs: config.QUEUE_LOCK_MS, stuckAfterMs: config.WORKER_STUCK_AFTER_MS },
    // Gateways of other processes may share the Redis; without one everybody reads the database.
    keyRefreshMs: config.REDIS_URL ? config.KEY_REFRESH_MS : null,
  });
  const fixedKeys = keysFromEnv(keys);
  const startingGateway = startGateway({
    config: {
      queue,
      requireDurableQueue: config.NODE_ENV === "production" && !config.ALLOW_VOLATILE_QUEUE,
      admission: {
        maxBytes: config.QUEUE_MAX_BYTES,
        maxMemoryPercent: config.QUEUE_MAX_MEMORY_PERCENT,
        maxAgeMs: config.QUEUE_MAX_AGE_MS,
      },
      enqueueDeadlineMs: config.ENQUEUE_DEADLINE_MS,
      limits: {
        maxBodyBytes: config.XTRACE_MAX_REQUEST_BODY_BYTES,
        maxInflatedBytes: config.XTRACE_MAX_INFLATED_BODY_BYTES,
      },
      keys: fixedKeys,
      openProjectId: openProjectFromEnv(keys),
      keyRefreshMs: config.KEY_REFRESH_MS,
      rateBudgets: ingestBudgets(config),
    },
    loadKeys: () => listActiveApiKeys(database.db),
    readiness,
    log,
    metrics,
  });
  const [gateway] = await Promise.all([startingGateway, worker.started]);
  await untilWorking(gateway.checks);
  const query = await createQueryService({ database, config: { ...config, ...keys }, log, metrics });

  const app = createStandaloneApp({
    gateway: gateway.app,
    query: query.app,
    checks: { ...worker.checks, ...gateway.checks },
    liveness: worker.liveness,
    readiness,
    metrics,
    threadMetrics: worker.metrics,
  });
  return {
    app,
    readiness,
    listenGrpc: gateway.listenGrpc,
    failed: worker.failed,
    async stop() {
      await gateway.stop();
      await worker.stop();
      await query.stop();
      await database.close();
    },
  };
}
