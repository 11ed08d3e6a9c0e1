import { INGEST_JOB_VERSION, IngestJob, isIngestJob } from "@xtrace/contract";
import type { DeadLetter, QueuedJob } from "@xtrace/db";
import type { DeliveredJob } from "@xtrace/queue";

/** A job of a version that this worker does not know: left to a newer one. */
export class UnknownJobVersionError extends Error {
  override readonly name = "UnknownJobVersionError";
}

/**
 * Parses a job at the edge of the process.
 *
 * Throws UnknownJobVersionError, on which the queue delivers the job again later, to a worker that may
 * know it. A job of our version that does not parse will never do: it comes back as a dead letter.
 */
export function readJob({ id, data }: DeliveredJob): { item: QueuedJob } | { deadLetter: DeadLetter } {
  if (isIngestJob(data)) return { item: { id, job: data } };
  const parsed = IngestJob.safeParse(data);
  if (parsed.success) return { item: { id, job: parsed.data } };
  const envelope: Record<string, unknown> = typeof data === "object" && data !== null ? { ...data } : {};
  if (envelope["v"] !== INGEST_JOB_VERSION) {
    throw new UnknownJobVersionError(`Jobs of version ${String(envelope["v"])} are for a newer worker`);
  }
  return {
    deadLetter: {
      id,
      projectId: typeof envelope["projectId"] === "string" ? envelope["projectId"] : "",
      receivedAtUs: Number.isSafeInteger(envelope["receivedAtUs"]) ? (envelope["receivedAtUs"] as number) : 0,
      payload: data,
      sqlstate: null,
      error: `malformed job: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
    },
  };
}
