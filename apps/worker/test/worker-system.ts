import { Writable } from "node:stream";
import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { migrateDatabase, openDatabase, traces, type OpenDatabase } from "@xtrace/db";
import { openProducer, type IngestProducer } from "@xtrace/queue";
import { createLogger, createMetrics, type Metrics } from "@xtrace/runtime";
import { createTestDatabase, createTestRedis, eventually, testRedisUrl } from "@xtrace/testkit";
import { startWorker, type WorkerService } from "../src/service.ts";

export type QueueKind = "redis" | "postgres";

/** For `describe.each`: where a queue may be, and whether this machine has it. */
export const QUEUES: ReadonlyArray<{ name: string; queueOf: QueueKind; available: boolean }> = [
  { name: "Redis", queueOf: "redis", available: testRedisUrl() !== undefined },
  { name: "PostgreSQL", queueOf: "postgres", available: true },
];

export type WorkerSystem = AsyncDisposable & {
  readonly database: OpenDatabase;
  readonly queue: { readonly url: string; readonly prefix: string };
  readonly producer: IngestProducer;
  /** A worker of its own with metrics of its own; `through` is the database as it sees it. */
  start(options?: { readonly keyRefreshMs?: number; readonly through?: OpenDatabase }): {
    readonly worker: WorkerService;
    readonly metrics: Metrics;
  };
  /** Of the stored traces, sorted. */
  traceIds(): Promise<string[]>;
};

/** A database, a queue and somebody who fills it, without a worker yet. */
export async function setupWorker(queueOf: QueueKind): Promise<WorkerSystem> {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const redis = queueOf === "redis" ? await createTestRedis() : undefined;
  const queue = redis ? { url: redis.url, prefix: `{${redis.prefix}}` } : { url: server.url, prefix: "xtrace_queue" };
  const database = openDatabase({ url: server.url, poolSize: 4, applicationName: "test", statementTimeoutMs: 5_000 });
  const producer = openProducer({ ...queue, deadlineMs: 5_000, onError: () => {} });
  await eventually(() => producer.ping(), { timeoutMs: 10_000 });
  // At debug, so that what a log line is made of is evaluated too.
  const log = createLogger({
    name: "test",
    level: "debug",
    destination: new Writable({ write: (_, __, done) => done() }),
  });
  return {
    database,
    queue,
    producer,
    start({ keyRefreshMs, through = database } = {}) {
      const metrics = createMetrics({ process: "test" });
      const worker = startWorker({
        database: through,
        queue,
        batch: { maxItems: 200, maxWaitMs: 50, maxEvents: 2_000, maxPrefetchBytes: 8e6 },
        limits: { lockDurationMs: 30_000, stuckAfterMs: 60_000 },
        keyRefreshMs: keyRefreshMs ?? null,
        log,
        metrics,
      });
      return { worker, metrics };
    },
    traceIds: async () => (await database.db.select({ id: traces.id }).from(traces)).map(({ id }) => id).sort(),
    async [Symbol.asyncDispose]() {
      await producer.close();
      await database.close();
      await redis?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A job of traces of project p. */
export function traceJob(events: IngestJob["events"]["traces"]): IngestJob {
  const receivedAtUs = Date.now() * 1_000;
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs, events: { ...noEvents(), traces: events } };
}
