import { noEvents, type IngestJob } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { letterOf, type DeadLetter } from "../dead-letters/dead-letter.ts";
import { insertDeadLetters } from "../dead-letters/insert-dead-letters.ts";
import { BUILT_IN_PRICES, type PriceBook } from "../prices/price-book.ts";
import { partScores, type Misfit } from "../score-configs/fit-scores.ts";
import { AlreadySettledError, isCounted, settleJobs } from "../settlement/settle-jobs.ts";
import type { PlanPolicy } from "./forget-plans.ts";
import { writeBatch, writeFitting, type WriteResult } from "./write-batch.ts";

/** A job under the id that the queue gave it. */
export type QueuedJob = { readonly id: string; readonly job: IngestJob };

/** A dead letter, as far as it is told of in a log. */
export type Letter = Pick<DeadLetter, "id" | "sqlstate">;

export type Stored = WriteResult & {
  /** Scores that do not fit the config that they name. */
  readonly letters: readonly Letter[];
};

/**
 * Writes jobs and settles them, in one transaction. Those that an earlier delivery settled are left out,
 * so that each event is counted once however often it is delivered.
 *
 * Scores that do not fit their config are set aside as dead letters in the same transaction: any sender may send as many
 * as they like, so they must not have a batch written again as what PostgreSQL refuses has.
 */
export async function storeJobs(
  db: Database,
  queued: readonly QueuedJob[],
  prices: PriceBook = BUILT_IN_PRICES,
  plans: PlanPolicy = "forget",
): Promise<Stored> {
  const uncounted = queued.filter(({ id }) => !isCounted(id));
  if (uncounted.length > 0) await writeBatch(db, jobsOf(uncounted), prices);
  const counted = queued.filter(({ id }) => isCounted(id));
  const result = await withoutSettled(counted, async (fresh) => {
    return await db.transaction(async (tx) => {
      const { fitting, misfits } = await partScores(tx, fresh);
      const written = await writeFitting(tx, fitting, prices, plans);
      const letters = misfits.map(letterOfMisfit);
      await insertDeadLetters(tx, letters);
      const counts = { ...written.counts, deadLettered: misfits.length };
      await settleJobs(tx, idsOf(fresh), counts);
      return { ...written, counts, letters: letters.map(({ id, sqlstate }) => ({ id, sqlstate })) };
    });
  });
  return result ?? NOTHING;
}

/** The same letter as salvaging its job would come down to. */
function letterOfMisfit({ carrier: { id, job }, score, error }: Misfit<QueuedJob>): DeadLetter {
  const part = { ...job, events: { ...noEvents(), scores: [score] } };
  return letterOf(id, part, { sqlstate: null, message: error.message });
}

function jobsOf(queued: readonly QueuedJob[]): IngestJob[] {
  return queued.map(({ job }) => job);
}

function idsOf(queued: readonly QueuedJob[]): string[] {
  return queued.map(({ id }) => id);
}

/**
 * Runs `write` with each job once, until it is given none that is settled already; `undefined` when all are. A worker that was
 * frozen may be given a job again that it has in hand, and have both deliveries in one batch.
 */
export async function withoutSettled<T>(
  queued: readonly QueuedJob[],
  write: (jobs: readonly QueuedJob[]) => Promise<T>,
): Promise<T | undefined> {
  let jobs = [...new Map(queued.map((item) => [item.id, item])).values()];
  while (jobs.length > 0) {
    try {
      return await write(jobs);
    } catch (error) {
      if (!(error instanceof AlreadySettledError)) throw error;
      jobs = jobs.filter(({ id }) => !error.ids.has(id));
    }
  }
  return undefined;
}

const NOTHING: Stored = {
  inserted: 0,
  updated: 0,
  counts: { stored: 0, merged: 0, deadLettered: 0 },
  letters: [],
};
