import { INGEST_JOB_VERSION, countEvents, type CanonicalEvents } from "@xtrace/contract";
import { QueueUnavailableError } from "@xtrace/queue";
import { AppError } from "@xtrace/runtime";
import { boundFields } from "./bound-fields.ts";
import { boundMetadata } from "./bound-metadata.ts";
import type { AddJob } from "./coalesce.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import type { Accept } from "./protocols/protocol.ts";
import { splitEvents } from "./split-events.ts";

/** Short, since a queue that restarts is back in seconds; spread, so that clients do not come back as one. */
const RETRY_AFTER_SECONDS = { min: 1, max: 3 };

/**
 * Queues a request's events and resolves when all of them are in the queue.
 *
 * A request in several chunks of which one fails is answered 503 though the others are stored: the
 * client sends it again, and the writer recognises what it has.
 */
export function createAccept(deps: {
  readonly add: AddJob;
  readonly nowUs: () => number;
  readonly metrics: GatewayMetrics;
}): Accept {
  return async function accept(projectId: string, events: CanonicalEvents, bodyBytes: number): Promise<void> {
    const receivedAtUs = deps.nowUs();
    const count = countEvents(events);
    deps.metrics.received(count);
    const bounded = boundFields(events, bodyBytes);
    deps.metrics.truncated(bounded.truncated);
    const chunks = splitEvents(boundMetadata(bounded.events), bodyBytes);
    const bytes = Math.round(bodyBytes / chunks.length);
    try {
      await Promise.all(
        chunks.map((chunk) => deps.add({ v: INGEST_JOB_VERSION, projectId, receivedAtUs, bytes, events: chunk })),
      );
    } catch (cause) {
      if (!(cause instanceof QueueUnavailableError)) throw cause;
      deps.metrics.refused(count);
      const { min, max } = RETRY_AFTER_SECONDS;
      throw new AppError("SERVICE_UNAVAILABLE", "The queue cannot take events right now: try again", {
        cause,
        retryAfterSeconds: min + Math.floor(Math.random() * (max - min + 1)),
      });
    }
    deps.metrics.accepted(count);
  };
}
