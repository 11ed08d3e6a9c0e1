import { setMaxListeners } from "node:events";
import { countEvents } from "@xtrace/contract";
import {
  addUpSettledEvents,
  analyzeGrownTables,
  buryJob,
  forgetSettledJobs,
  havePlansSettled,
  listActiveApiKeys,
  salvageJob,
  storeJobs,
  type OpenDatabase,
  type PlanPolicy,
  type QueuedJob,
} from "@xtrace/db";
import { openShardedConsumer, openKeyDirectory, type DeliveredJob, type QueueOptions } from "@xtrace/queue";
import { logRepeatedErrors, startRefresh, type Check, type Logger, type Metrics } from "@xtrace/runtime";
import { createBatcher } from "./batcher.ts";
import type { BatchConfig, WorkerLimits } from "./config.ts";
import { registerDeadLetters } from "./dead-letter-metrics.ts";
import { readJob } from "./deliver.ts";
import { createHand } from "./in-hand.ts";
import { registerLedger } from "./ledger-metrics.ts";
import { jobIdsOf, readLedger } from "./ledger.ts";
import { createPersist } from "./persist.ts";
import { replayLetters } from "./replay-letters.ts";
import { keepPrices } from "./keep-prices.ts";
import { createProgress } from "./progress.ts";
import { unblockWrites } from "./unblock-writes.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";

export type WorkerService = {
  /** What the worker needs to be ready. */
  readonly checks: Readonly<Record<"database" | "queue", Check>>;
  /** Rejects when this worker has to be restarted: see progress.ts. */
  readonly liveness: Check;
  /** Stops fetching, stores what is in hand, acknowledges it, and closes the queue. The database stays open. */
  stop(): Promise<void>;
};

export type WorkerDeps = {
  readonly database: OpenDatabase;
  readonly queue: Pick<QueueOptions, "url" | "prefix">;
  readonly batch: BatchConfig;
  readonly limits: WorkerLimits;
  /** How often keys are published for gateways; `null` where gateways read them elsewhere. */
  readonly keyRefreshMs: number | null;
  readonly log: Logger;
  readonly metrics: Metrics;
};

/** How long a batch that cannot be stored may hold up the stop; after it the queue delivers it again. */
const STOP_PATIENCE_MS = 8_000;
const ANALYZE_INTERVAL_MS = 2_000;
const LEDGER_INTERVAL_MS = 10_000;
const REPLAY_INTERVAL_MS = 10_000;
const LETTERS_INTERVAL_MS = 1_000;

/** Starts consuming. */
export function startWorker({ database, queue, batch, limits, keyRefreshMs, log, metrics }: WorkerDeps): WorkerService {
  const counters = createWorkerMetrics(metrics);
  const stopping = new AbortController();
  // Every batch in hand listens for it.
  setMaxListeners(0, stopping.signal);
  const onError = logRepeatedErrors(log, "queue error");

  const prices = keepPrices({ db: database.db, log });

  const blockades = unblockWrites({ db: database.db, log });

  let plans: PlanPolicy = "forget";
  const persist = createPersist({
    write: async (jobs) => await storeJobs(database.prepared, jobs, await prices.current(), plans),
    salvage: async (job) => await salvageJob(database.db, job, await prices.current()),
    stopping: stopping.signal,
    log,
    observe: {
      ...counters,
      retried(code) {
        progress.made();
        counters.retried(code);
        blockades.retried(code);
      },
    },
  });

  /** Since the tables' growth was last looked at. */
  let hasWritten = true;

  async function flush(items: readonly QueuedJob[]): Promise<void> {
    const startedAt = performance.now();
    await unlessAborted(persist.store(items), stopping.signal);
    progress.made();
    hasWritten = true;
    const durationMs = performance.now() - startedAt;
    counters.flushed(items.length, durationMs / 1_000);
    const oldestUs = Math.min(...items.map(({ job }) => job.receivedAtUs));
    counters.lag(Math.max(0, Date.now() - oldestUs / 1_000) / 1_000);
    log.debug({ items: items.length, durationMs: Math.round(durationMs) }, "batch stored");
  }

  const batcher = createBatcher<QueuedJob>({
    maxItems: batch.maxItems,
    maxWaitMs: batch.maxWaitMs,
    maxWeight: batch.maxEvents,
    weigh: ({ job }) => countEvents(job.events),
    flush,
    // What comes during an outage goes in full batches after it.
    held: persist.outage,
  });

  const onLeft = logRepeatedErrors(log, "jobs stay in the queue");
  const readOrLeave = (delivered: DeliveredJob) => {
    try {
      return readJob(delivered);
    } catch (error) {
      // No fault of this process, which a restart would not mend.
      progress.made();
      onLeft(error);
      throw error;
    }
  };
  const progress = createProgress({ backlog: () => consumer.backlog(), stuckAfterMs: limits.stuckAfterMs });
  const hand = createHand({ maxBytes: batch.maxPrefetchBytes, onFull: (isFull) => consumer.hold(isFull) });
  const consumer = openShardedConsumer({
    ...queue,
    onError,
    // Each job waits for its batch, so with fewer places than two batches the size trigger could starve.
    concurrency: 2 * batch.maxItems,
    lockDurationMs: limits.lockDurationMs,
    onRefusal: () => progress.made(),
    process: async (delivered) => {
      const read = readOrLeave(delivered);
      if ("item" in read) return await hand.holding(bytesOf(read.item), () => batcher.add(read.item));
      counters.buried(await buryJob(database.db, delivered.id, read.deadLetter));
      progress.made();
      log.error({ deadLetterId: read.deadLetter.id }, "malformed job became a dead letter");
    },
  });

  const statistics = startRefresh({
    name: "analyze grown tables",
    intervalMs: ANALYZE_INTERVAL_MS,
    log,
    task: async () => {
      if (!hasWritten) return;
      hasWritten = false;
      const tables = await analyzeGrownTables(database.db);
      if (tables.length > 0) log.debug({ tables }, "analyzed");
      plans = (await havePlansSettled(database.db)) ? "keep" : "forget";
    },
  });
  const readNow = () => readLedger(database.db, () => consumer.tally());
  registerLedger(metrics, { read: readNow, log });
  const ledger = startRefresh({
    name: "keep the ledger",
    intervalMs: LEDGER_INTERVAL_MS,
    log,
    task: async () => {
      // A count that nobody has seen is lost with the queue that kept it.
      await readNow();
      await addUpSettledEvents(database.db);
      await forgetSettledJobs(database.db, jobIdsOf(await consumer.tally()));
    },
  });
  const replay = startRefresh({
    name: "replay failed jobs",
    intervalMs: REPLAY_INTERVAL_MS,
    log,
    task: async () => {
      const jobs = await consumer.replayFailed();
      if (jobs > 0) log.warn({ jobs }, "failed jobs are delivered again");
    },
  });
  registerDeadLetters(metrics, database.db);
  const letters = startRefresh({
    name: "replay dead letters",
    intervalMs: LETTERS_INTERVAL_MS,
    log,
    task: async () => await replayLetters(database.db, () => prices.current(), { log, stopping: stopping.signal }),
  });
  const keys =
    keyRefreshMs === null ? undefined : publishKeys({ database, queue, log, onError, intervalMs: keyRefreshMs });

  return {
    checks: {
      database: () => database.ping(),
      queue: async () => {
        await consumer.backlog();
      },
    },
    liveness: progress.check,
    async stop() {
      const giveUp = setTimeout(() => stopping.abort(), STOP_PATIENCE_MS);
      const background = [
        blockades.stop(),
        statistics.stop(),
        ledger.stop(),
        replay.stop(),
        letters.stop(),
        keys?.stop(),
      ];
      const closing = Promise.all([consumer.close(), ...background]);
      await batcher.close();
      await closing;
      clearTimeout(giveUp);
    },
  };
}

/** Of a job that does not say, about what an ordinary one would take. */
const USUAL_EVENT_BYTES = 2_000;

function bytesOf({ job }: QueuedJob): number {
  return job.bytes ?? countEvents(job.events) * USUAL_EVENT_BYTES;
}

function publishKeys(options: {
  database: OpenDatabase;
  queue: Pick<QueueOptions, "url" | "prefix">;
  log: Logger;
  onError: (error: Error) => void;
  intervalMs: number;
}) {
  const { database, queue, log, onError, intervalMs } = options;
  const directory = openKeyDirectory({ ...queue, onError });
  const refresh = startRefresh({
    name: "publish API keys",
    intervalMs,
    log,
    task: async () => directory.publish(await listActiveApiKeys(database.db)),
  });
  return {
    async stop() {
      await refresh.stop();
      await directory.close();
    },
  };
}
