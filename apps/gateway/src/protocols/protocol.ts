import type { CanonicalEvents } from "@xtrace/contract";
import type { BodyLimits, Identity, Logger } from "@xtrace/runtime";
import type { GatewayMetrics } from "../gateway-metrics.ts";

/**
 * Hands events to the queue. Resolves once the queue has all of them, so that a 2xx may follow;
 * throws SERVICE_UNAVAILABLE when it cannot take them in time. `bodyBytes` is the size of the request
 * after decompression: what its events come to, near enough to tell whether they fit one job.
 */
export type Accept = (projectId: string, events: CanonicalEvents, bodyBytes: number) => Promise<void>;

/** Counts items of a request that are left out. */
export type Reject = GatewayMetrics["rejected"];

/** What every protocol's routes are built from. */
export type ProtocolDeps = {
  readonly accept: Accept;
  readonly reject: Reject;
  readonly limits: BodyLimits;
  /** The current time in Unix epoch microseconds. */
  readonly nowUs: () => number;
  readonly log: Logger;
};

/**
 * `identity` is set by the authentication before any protocol route runs. A route sets `bodyBytes`,
 * the size of the body after decompression, as soon as it has read it: the key is charged for it.
 */
export type GatewayEnv = { Variables: { identity: Identity; requestId: string; bodyBytes?: number } };
