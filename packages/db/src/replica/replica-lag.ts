/** Positions in the write-ahead log, in bytes. Below 2^53, which is 9 PB of log. */
export type ReplicaSample = {
  /** When the primary was asked, before the replica was: milliseconds of one clock. */
  readonly atMs: number;
  /** How far the primary had written; `null` if it did not answer. */
  readonly writtenLsn: number | null;
  /** How far the replica had replayed. */
  readonly replayedLsn: number;
  /** How long ago the last transaction that the replica replayed was committed; `null` if there was none. */
  readonly lastCommitAgeMs: number | null;
};

const MAX_MARKS = 1_000;

/**
 * Tells how far a replica is behind: for how long it has lacked something that the primary was seen to have.
 *
 * The age of the last replayed commit, which PostgreSQL tells, is no measure: it grows while nobody writes,
 * and jumps by as much when somebody does. So the primary's positions are remembered with their time. Only a
 * replica that is behind all of them, as may be at the start, is judged by that age. The result is too small
 * by the time between two samples at most.
 */
export function createReplicaLag(): (sample: ReplicaSample) => number {
  let marks: Array<{ readonly atMs: number; readonly lsn: number }> = [];
  return function lagMs({ atMs, writtenLsn, replayedLsn, lastCommitAgeMs }) {
    const last = marks.at(-1);
    // After a fail-over to another primary positions may be lower: what was remembered means nothing then.
    if (writtenLsn !== null && last && writtenLsn < last.lsn) marks = [];
    if (writtenLsn !== null && writtenLsn !== marks.at(-1)?.lsn) marks.push({ atMs, lsn: writtenLsn });
    // The first two tell since when a replica that stands still lacks something.
    if (marks.length > MAX_MARKS) {
      marks = marks.filter((_, index) => index < 2 || index % 2 === 0 || index === marks.length - 1);
    }

    const missing = marks.findIndex(({ lsn }) => lsn > replayedLsn);
    if (missing === -1) {
      // Up to date as far as anybody knows. Without the primary, that is as of when it was last asked.
      marks = marks.slice(-1);
      const seenAtMs = marks[0]?.atMs;
      if (writtenLsn !== null) return 0;
      return seenAtMs === undefined ? (lastCommitAgeMs ?? Infinity) : atMs - seenAtMs;
    }
    const lackingMs = atMs - (marks[missing]?.atMs ?? atMs);
    const isKnown = missing > 0;
    // What is replayed already will not be asked for again.
    marks = marks.slice(Math.max(0, missing - 1));
    return isKnown ? lackingMs : Math.max(lackingMs, lastCommitAgeMs ?? Infinity);
  };
}
