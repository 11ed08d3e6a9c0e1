import { AppError } from "@xtrace/runtime";
import type { Admission } from "./admission.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";

/** Spread wide, so that refused clients do not come back as one when the queue has room again. */
const RETRY_AFTER_SECONDS = { min: 1, max: 10 };

/**
 * Throws SERVICE_UNAVAILABLE, which every protocol answers as 503 in its own form, while the queue may not be given more.
 * `events` are those of the request, as far as it was read.
 */
export function refuseWhenFull(
  admission: Pick<Admission, "closed">,
  metrics: Pick<GatewayMetrics, "received" | "refused">,
  events = 0,
): void {
  const closed = admission.closed();
  if (!closed) return;
  metrics.received(events);
  metrics.refused(events);
  const { min, max } = RETRY_AFTER_SECONDS;
  throw new AppError("SERVICE_UNAVAILABLE", "The queue is full: try again later", {
    cause: closed,
    retryAfterSeconds: min + Math.floor(Math.random() * (max - min + 1)),
  });
}
