import { randomBytes } from "node:crypto";
import { countEvents, INGEST_QUEUE, makeJobId, type IngestJob } from "@xtrace/contract";
import { chooseBackend } from "./backend.ts";
import { createLazyQueue } from "./lazy-queue.ts";
import { QueueUnavailableError, type IngestProducer, type QueueOptions } from "./queue-options.ts";

/**
 * A failed job is tried again for as long as it takes: what fails is the infrastructure, and data
 * that PostgreSQL refuses never fails a job but becomes a dead letter.
 */
const DEFAULT_JOB_OPTIONS = {
  attempts: 1_000_000,
  backoff: { type: "fixed", delay: 2_000 },
  removeOnComplete: true,
  removeOnFail: false,
} as const;

/** BullMQ keeps a stream of what happens to jobs; nobody here reads it. */
const STREAMS = { events: { maxLen: 100 } };

/** Tells the producers apart that ever were. */
const ORIGIN_BYTES = 9;

/** Opens the queue for adding. Never waits for the server: while it is away, `add` and `ping` reject. */
export function openProducer(options: QueueOptions & { readonly deadlineMs: number }): IngestProducer {
  const { deadlineMs, onError } = options;
  const origin = randomBytes(ORIGIN_BYTES).toString("base64url");
  let sequence = 0;
  const lazy = createLazyQueue(
    chooseBackend(options, deadlineMs),
    (backend) => backend.openQueue(INGEST_QUEUE, { defaultJobOptions: DEFAULT_JOB_OPTIONS, streams: STREAMS }),
    onError,
  );
  return {
    async add(job: IngestJob) {
      const jobId = makeJobId(origin, sequence++, countEvents(job.events));
      await withDeadline(deadlineMs, async () => (await lazy.get()).add("ingest", job, { jobId }));
    },
    async ping() {
      await withDeadline(deadlineMs, async () => (await lazy.get()).getJobCounts("waiting"));
    },
    close: () => lazy.close(),
  };
}

/** A command that was under way when the server died settles only when it comes back, so it is raced. */
async function withDeadline(deadlineMs: number, run: () => Promise<unknown>): Promise<void> {
  const running = run();
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    const late = () => reject(new QueueUnavailableError(`The queue did not answer within ${deadlineMs} ms`));
    timer = setTimeout(late, deadlineMs);
  });
  try {
    await Promise.race([running, expired]);
  } catch (cause) {
    running.catch(() => {});
    if (cause instanceof QueueUnavailableError) throw cause;
    throw new QueueUnavailableError("The queue did not take the job", { cause });
  } finally {
    clearTimeout(timer);
  }
}
