import { eventsOfJobId } from "@xtrace/contract";
import {
  listSettledJobs,
  readAcceptedCounts,
  readSettledCounts,
  recordAccepted,
  type Database,
  type SettledCounts,
} from "@xtrace/db";
import type { QueueTally } from "@xtrace/queue";

/** Where all events of the system are, in numbers of events. */
export type Ledger = SettledCounts & {
  readonly accepted: number;
  readonly queued: number;
  /**
   * Accepted, and nowhere. Exact when nothing moves; while events move it is 0 as long as their way
   * explains the difference. `undefined` when there are too many jobs to walk through.
   */
  readonly unaccounted: number | undefined;
};

/**
 * Reads the queue once, and before and after it what is settled: what moves meanwhile is settled in one of
 * the two and not in the other, so the truth lies between them.
 *
 * A job is for a moment both settled and in the queue: after the commit, before the acknowledgement, which
 * a crash may prolong. It counts as settled.
 */
export async function readLedger(db: Database, readTallies: () => Promise<readonly QueueTally[]>): Promise<Ledger> {
  const known = await readAcceptedCounts(db);
  const before = sumOf(await readSettledCounts(db));
  const tallies = await readTallies();
  const jobIds = jobIdsOf(tallies);
  // In this order: what is taken out of the queue's jobs has to be in the counts.
  const settled = new Set(await listSettledJobs(db, jobIds ?? []));
  const after = await readSettledCounts(db);
  for (const { counter, accepted: seen } of tallies) {
    await recordAccepted(db, { counter, events: seen });
    // All counts there were; one that fell below what was known of it has lost jobs.
    known.set(counter, Math.max(seen, known.get(counter) ?? 0));
  }
  const accepted = [...known.values()].reduce((sum, events) => sum + events, 0);
  if (jobIds === null) {
    return { ...after, accepted, queued: Math.max(0, accepted - sumOf(after)), unaccounted: undefined };
  }
  const queued = jobIds.filter((id) => !settled.has(id)).reduce((sum, id) => sum + (eventsOfJobId(id) ?? 0), 0);
  // What is accepted and settled after the reading of the queue makes the first too small, what was settled
  // just before it the second too large.
  const least = accepted - queued - sumOf(after);
  const most = accepted - queued - before;
  return { ...after, accepted, queued, unaccounted: nearestToZero(least, most) };
}

/** Of all parts of the queue; `null` when one has too many to walk through. */
export function jobIdsOf(tallies: readonly QueueTally[]): readonly string[] | null {
  const lists = tallies.flatMap(({ jobIds }) => (jobIds === null ? [] : [jobIds]));
  return lists.length < tallies.length ? null : lists.flat();
}

function sumOf({ stored, merged, deadLettered }: SettledCounts): number {
  return stored + merged + deadLettered;
}

function nearestToZero(least: number, most: number): number {
  if (least > 0) return least;
  return Math.min(most, 0);
}
