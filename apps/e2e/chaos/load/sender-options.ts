import type { SenderIdentity } from "./load-request.ts";

/** What a sender is started with: its only argument, as JSON. */
export type SenderOptions = SenderIdentity & {
  /** Of the gateways. After a failure the next one is tried. */
  readonly urls: readonly string[];
  readonly authorization: string;
  readonly requestsPerSecond: number;
  /** Of the acknowledged requests, how many are sent once more, as a client does that missed the answer. */
  readonly resendShare: number;
  readonly sentPath: string;
  readonly ackedPath: string;
};

/** What a sender saw: the last line that it prints, as JSON. */
export type SenderReport = {
  /** Answers by status; `reset` where the connection broke, `timeout` where there was no answer in ten seconds. */
  readonly answers: Readonly<Record<string, number>>;
  /** From a request's first byte to the end of its answer, in milliseconds, at worst. */
  readonly slowestMs: number;
  /** Longest time without any acknowledgement, in milliseconds. */
  readonly longestGapMs: number;
  /** Answers of 429 and 503 that did not say when to come back. */
  readonly withoutRetryAfter: number;
  /** Requests that were never acknowledged. */
  readonly unacknowledged: number;
};
