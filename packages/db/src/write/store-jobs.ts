import type { IngestJob } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { BUILT_IN_PRICES, type PriceBook } from "../prices/price-book.ts";
import { AlreadySettledError, isCounted, settleJobs } from "../settlement/settle-jobs.ts";
import { writeBatch, writeRows, type WriteResult } from "./write-batch.ts";

/** A job under the id that the queue gave it. */
export type QueuedJob = { readonly id: string; readonly job: IngestJob };

/**
 * Writes jobs and settles them, in one transaction. Those that an earlier delivery settled are left out,
 * so that each event is counted once however often it is delivered.
 */
export async function storeJobs(
  db: Database,
  queued: readonly QueuedJob[],
  prices: PriceBook = BUILT_IN_PRICES,
): Promise<WriteResult> {
  const uncounted = queued.filter(({ id }) => !isCounted(id));
  if (uncounted.length > 0) await writeBatch(db, jobsOf(uncounted), prices);
  const counted = queued.filter(({ id }) => isCounted(id));
  const result = await withoutSettled(counted, async (fresh) => {
    return await db.transaction(async (tx) => {
      const written = await writeRows(tx, jobsOf(fresh), prices);
      await settleJobs(tx, idsOf(fresh), written.counts);
      return written;
    });
  });
  return result ?? NOTHING;
}

function jobsOf(queued: readonly QueuedJob[]): IngestJob[] {
  return queued.map(({ job }) => job);
}

function idsOf(queued: readonly QueuedJob[]): string[] {
  return queued.map(({ id }) => id);
}

/** Runs `write` until it is given no job that is settled already; `undefined` when all are. */
export async function withoutSettled<T>(
  queued: readonly QueuedJob[],
  write: (jobs: readonly QueuedJob[]) => Promise<T>,
): Promise<T | undefined> {
  for (let jobs = queued; jobs.length > 0;) {
    try {
      return await write(jobs);
    } catch (error) {
      if (!(error instanceof AlreadySettledError)) throw error;
      jobs = jobs.filter(({ id }) => !error.ids.has(id));
    }
  }
  return undefined;
}

const NOTHING: WriteResult = { inserted: 0, updated: 0, counts: { stored: 0, merged: 0, deadLettered: 0 } };
