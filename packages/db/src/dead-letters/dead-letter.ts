import { createHash } from "node:crypto";
import type { IngestJob } from "@xtrace/contract";

/** What could not become rows, with the reason. */
export type DeadLetter = {
  readonly id: string;
  readonly projectId: string;
  readonly receivedAtUs: number;
  /** The job as it was queued, or the part of it that was refused. */
  readonly payload: unknown;
  readonly sqlstate: string | null;
  readonly error: string;
};

/** One refused event's. The same event of the same job is the same dead letter, however often it is delivered. */
export function letterOf(
  jobId: string,
  part: IngestJob,
  reason: { readonly sqlstate: string | null; readonly message: string },
): DeadLetter {
  const digest = createHash("sha256").update(JSON.stringify(part.events)).digest("hex");
  return {
    id: `${jobId}-${digest.slice(0, 16)}`,
    projectId: part.projectId,
    receivedAtUs: part.receivedAtUs,
    payload: part,
    sqlstate: reason.sqlstate,
    error: reason.message,
  };
}
