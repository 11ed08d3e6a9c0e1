import { setTimeout as sleep } from "node:timers/promises";
import { INGEST_QUEUE } from "@xtrace/contract";
import { createBackOff } from "./back-off.ts";
import { chooseBackend } from "./backend.ts";
import { createLazyQueue } from "./lazy-queue.ts";
import { isServerRefusal } from "./patient-backend.ts";
import type { DeliveredJob, IngestConsumer, QueueCounts, QueueOptions } from "./queue-options.ts";

const LOCK_DURATION_MS = 30_000;
/** How often jobs of consumers that died are looked for. */
const STALLED_INTERVAL_MS = 5_000;
/** BullMQ's default of 1 would fail a job for good when two consumers in a row are killed with it. */
const MAX_STALLED_COUNT = 1_000;
/** BullMQ's default is fifteen seconds, in which a Redis is back. */
const RECONNECT_DELAY_MS = 1_000;
const COUNT_TIMEOUT_MS = 5_000;
/** Beyond it a server that went away during the close is not waited for. */
const CLOSE_TIMEOUT_MS = 15_000;

export type ConsumerOptions = QueueOptions & {
  readonly concurrency: number;
  readonly process: (job: DeliveredJob) => Promise<void>;
  /** How long a job is a consumer's after it last said that it still works on it; then another one gets it. */
  readonly lockDurationMs?: number;
  /** Told each time the server refuses to give a job or to take one back, besides `onError`. */
  readonly onRefusal?: () => void;
};

/**
 * Delivers jobs to `process`, at least once each, up to `concurrency` at a time. A job is done when
 * its promise resolves; when it rejects, the job is delivered again a little later.
 */
export function openConsumer(options: ConsumerOptions): IngestConsumer {
  const { onError, lockDurationMs = LOCK_DURATION_MS } = options;
  const backOff = createBackOff({
    isRefusal: isServerRefusal,
    onRefusal(error) {
      onError(error as Error);
      options.onRefusal?.();
    },
  });
  const backend = chooseBackend(options);
  const worker = backend.openWorker(
    INGEST_QUEUE,
    async (job) => {
      await options.process({ id: job.id ?? "", data: job.data as unknown });
    },
    {
      concurrency: options.concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: Math.min(STALLED_INTERVAL_MS, lockDurationMs),
      maxStalledCount: MAX_STALLED_COUNT,
      runRetryDelay: RECONNECT_DELAY_MS,
    },
    backOff,
  );
  worker.on("error", onError);
  const counting = chooseBackend(options, COUNT_TIMEOUT_MS);
  const counter = createLazyQueue(counting, () => counting.openQueue(INGEST_QUEUE, {}), onError);

  return {
    hold(isHeld) {
      // Counted are the jobs in hand, and its loop looks again whenever one of them ends.
      worker.concurrency = isHeld ? 1 : options.concurrency;
    },
    async backlog(): Promise<QueueCounts> {
      const counts = await (await counter.get()).getJobCounts("waiting", "active", "delayed", "failed");
      return {
        waiting: counts["waiting"] ?? 0,
        active: counts["active"] ?? 0,
        delayed: counts["delayed"] ?? 0,
        failed: counts["failed"] ?? 0,
      };
    },
    tally: async () => await counting.readTally(await counter.get()),
    async replayFailed() {
      const queue = await counter.get();
      const { failed = 0 } = await queue.getJobCounts("failed");
      if (failed > 0) await queue.retryJobs({ state: "failed" });
      return failed;
    },
    async close() {
      // What the server does not take back now is delivered again.
      backOff.stop();
      // Without its server nothing can be acknowledged, and BullMQ would wait for it to come back.
      const closing = worker.close(!backend.isReachable()).catch(onError);
      await Promise.race([closing, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      backend.release();
      await counter.close();
    },
  };
}
