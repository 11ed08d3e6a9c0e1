import { setTimeout as sleep } from "node:timers/promises";
import { INGEST_QUEUE } from "@xtrace/contract";
import { chooseBackend } from "./backend.ts";
import { createLazyQueue } from "./lazy-queue.ts";
import type { DeliveredJob, IngestConsumer, QueueCounts, QueueOptions } from "./queue-options.ts";

/** A job belongs to a consumer for this long after it last said that it still works on it. */
const LOCK_DURATION_MS = 30_000;
/** How often jobs of consumers that died are looked for. */
const STALLED_INTERVAL_MS = 5_000;
/** BullMQ's default of 1 would fail a job for good when two consumers in a row are killed with it. */
const MAX_STALLED_COUNT = 1_000;
const COUNT_TIMEOUT_MS = 5_000;
/** Beyond it a server that went away during the close is not waited for. */
const CLOSE_TIMEOUT_MS = 15_000;

/**
 * Delivers jobs to `process`, at least once each, up to `concurrency` at a time. A job is done when
 * its promise resolves; when it rejects, the job is delivered again a little later.
 */
export function openConsumer(
  options: QueueOptions & {
    readonly concurrency: number;
    readonly process: (job: DeliveredJob) => Promise<void>;
  },
): IngestConsumer {
  const { onError } = options;
  const backend = chooseBackend(options);
  const worker = backend.openWorker(
    INGEST_QUEUE,
    async (job) => {
      await options.process({ id: job.id ?? "", data: job.data as unknown });
    },
    {
      concurrency: options.concurrency,
      lockDuration: LOCK_DURATION_MS,
      stalledInterval: STALLED_INTERVAL_MS,
      maxStalledCount: MAX_STALLED_COUNT,
    },
  );
  worker.on("error", onError);
  const counter = createLazyQueue(
    chooseBackend(options, COUNT_TIMEOUT_MS),
    (counting) => counting.openQueue(INGEST_QUEUE, {}),
    onError,
  );

  return {
    async backlog(): Promise<QueueCounts> {
      const counts = await (await counter.get()).getJobCounts("waiting", "active", "delayed", "failed");
      return {
        waiting: counts["waiting"] ?? 0,
        active: counts["active"] ?? 0,
        delayed: counts["delayed"] ?? 0,
        failed: counts["failed"] ?? 0,
      };
    },
    async close() {
      // Without its server nothing can be acknowledged, and BullMQ would wait for it to come back.
      const closing = worker.close(!backend.isReachable()).catch(onError);
      await Promise.race([closing, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      backend.release();
      await counter.close();
    },
  };
}
