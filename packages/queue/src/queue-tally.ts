/** One moment of the queue, for the conservation law. */
export type QueueTally = {
  /** Names the count of what was accepted. A queue that was emptied by hand begins another, at 0. */
  readonly counter: string;
  /** Events that the queue ever took, since its count began. */
  readonly accepted: number;
  /** Jobs that the queue has, in whatever state; `null` when there are too many to walk through. */
  readonly jobIds: readonly string[] | null;
};

/** Ids are short: so many are a megabyte, and keep Redis busy for some milliseconds. */
export const MAX_TALLIED_JOBS = 20_000;
