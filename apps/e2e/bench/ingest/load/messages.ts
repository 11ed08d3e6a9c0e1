import type { FormatName } from "../workload/formats.ts";
import type { TraceShape } from "../workload/trace-generator.ts";

/** What the load process makes before the clock starts: `bodies` requests of one trace each. */
export type Workload = TraceShape & {
  readonly format: FormatName;
  readonly bodies: number;
  /** The first body's number: the same workload goes on where another one ended. */
  readonly firstBody?: number;
  /** The bodies go to this many traces in turn, which so grow; else each has a trace of its own. */
  readonly growingTraces?: number;
  /** Another seed, other ids. */
  readonly seed: number;
  /** The first trace's start, in milliseconds since 1970. */
  readonly baseMs: number;
};

export type Target = { readonly url: string; readonly authorization: string };

export type SaturateOrder = {
  readonly target: Target;
  /** Requests under way at once at most. */
  readonly connections: number;
  /** Sending pauses while more observations than this are acknowledged and not stored. */
  readonly maxBacklog: number;
};

export type SaturateResult = {
  readonly acknowledgedObservations: number;
  readonly requests: number;
  /** Milliseconds since 1970, with fractions. */
  readonly firstRequestAt: number;
  readonly lastAcknowledgedAt: number;
  /** The most observations that were acknowledged and not yet stored. */
  readonly deepestBacklog: number;
  /** Requests answered 429 or 503, which were sent again. */
  readonly refused: number;
};

export type PaceOrder = {
  readonly target: Target;
  readonly bodiesPerSecond: number;
  /** Of every so many bodies one is looked for in the read API at `queryUrl`; absent: none is. */
  readonly reads?: { readonly queryUrl: string; readonly every: number };
};

export type PaceResult = {
  readonly acknowledgedObservations: number;
  /** Of each request, without the first tenth. */
  readonly acknowledgementMs: readonly number[];
  /** Of each sample, from acknowledged to readable. */
  readonly readableMs: readonly number[];
};

/** To the load process. */
export type LoadOrder =
  | { readonly kind: "prepare"; readonly workload: Workload }
  | { readonly kind: "saturate"; readonly order: SaturateOrder }
  | { readonly kind: "pace"; readonly order: PaceOrder }
  | { readonly kind: "stop" }
  | { readonly kind: "stored"; readonly observations: number };

/** From the load process. */
export type LoadReport =
  | { readonly kind: "prepared"; readonly bytes: number }
  | { readonly kind: "saturated"; readonly result: SaturateResult }
  | { readonly kind: "paced"; readonly result: PaceResult }
  | { readonly kind: "failed"; readonly message: string };
