import type { IngestJob } from "@xtrace/contract";
import type { QueueTally } from "./queue-tally.ts";

/**
 * Where the queue lives, by the URL's protocol: what begins with `redis` is Redis (see redis-address.ts), `postgres://`
 * and `postgresql://` are BullMQ's PostgreSQL backend, for a system that runs without Redis.
 */
export type QueueOptions = {
  readonly url: string;
  /** Redis key prefix, or PostgreSQL schema: keeps several systems on one server apart. */
  readonly prefix: string;
  /** Told of errors that nobody awaits, such as a lost connection. */
  readonly onError: (error: Error) => void;
};

/** The queue did not take a job in time. It may have stored it all the same, so a retry may duplicate it. */
export class QueueUnavailableError extends Error {
  override readonly name = "QueueUnavailableError";
}

export type IngestProducer = {
  /** Resolves once the queue has the job; rejects with QueueUnavailableError within the deadline. */
  add(job: IngestJob): Promise<void>;
  /** Rejects when the queue cannot take jobs. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** A job as it is delivered: parsed by nobody yet. */
export type DeliveredJob = { readonly id: string; readonly data: unknown };

export type IngestConsumer = {
  /** While it is held, a consumer with a job in hand fetches no further one. */
  hold(isHeld: boolean): void;
  /** Stops fetching, waits for the jobs in hand, closes the connection. */
  close(): Promise<void>;
  /** Jobs that wait, run or are to be retried. */
  backlog(): Promise<QueueCounts>;
  /** What the queue has and ever had. */
  tally(): Promise<QueueTally>;
  /**
   * Queues failed jobs anew and tells how many. A job never fails for its data, so whatever failed one is of the
   * moment: its workers were killed a thousand times, or an older version gave it up.
   */
  replayFailed(): Promise<number>;
};

export type QueueCounts = {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
};
