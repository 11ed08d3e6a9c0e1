import { z } from "zod";
import { CanonicalEvents } from "./event.ts";

/**
 * The payload of one queue job: an accepted request, or a chunk of a large one.
 *
 * `v` names the shape. A worker that meets a version it does not know leaves the job to a newer
 * worker, so gateways and workers may be upgraded in any order.
 */
export const INGEST_JOB_VERSION = 1;

export const IngestJob = z.object({
  v: z.literal(INGEST_JOB_VERSION),
  /** From the caller's key, never from a body. */
  projectId: z.string().min(1),
  /** When the gateway accepted it; the row's created_at at the earliest, and the start of ingest lag. */
  receivedAtUs: z.int(),
  /** About what its events took on the wire, inflated. An older gateway does not say. */
  bytes: z.number().nonnegative().optional(),
  events: CanonicalEvents,
});
export type IngestJob = z.infer<typeof IngestJob>;

/** The queue's name. One queue is one Redis slot; its key prefix is a setting. */
export const INGEST_QUEUE = "ingest-0";
