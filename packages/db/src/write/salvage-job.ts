import type { IngestJob } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { letterOf } from "../dead-letters/dead-letter.ts";
import { insertDeadLetter } from "../dead-letters/insert-dead-letters.ts";
import { BUILT_IN_PRICES, type PriceBook } from "../prices/price-book.ts";
import { isCounted, settleJobs, type SettledCounts } from "../settlement/settle-jobs.ts";
import { classifyWriteError, type DataFailure } from "../write-error.ts";
import { splitJob } from "./split-job.ts";
import { withoutSettled, type Letter, type QueuedJob } from "./store-jobs.ts";
import { writeRows } from "./write-batch.ts";

export type Salvaged = {
  readonly counts: SettledCounts;
  /** What was refused, each letter one event. */
  readonly letters: readonly Letter[];
};

/**
 * Stores what can be stored of a job that PostgreSQL refused: halves it, down to the events that are refused
 * alone, which become dead letters. All of it is one transaction with a savepoint a part, so that the
 * job is settled once and as a whole, whenever the worker dies.
 */
export async function salvageJob(
  db: Database,
  queued: QueuedJob,
  prices: PriceBook = BUILT_IN_PRICES,
): Promise<Salvaged> {
  const salvaged = await withoutSettled([queued], async () => {
    return await db.transaction(async (tx) => {
      const { id, job } = queued;
      const letters: Letter[] = [];

      async function salvage(part: IngestJob): Promise<SettledCounts> {
        const written = await attempt(tx, part, prices);
        if (!("failure" in written)) return written;
        const halves = splitJob(part);
        if (halves) return sum(await salvage(halves[0]), await salvage(halves[1]));
        const letter = letterOf(id, part, written.failure);
        await insertDeadLetter(tx, letter);
        letters.push({ id: letter.id, sqlstate: letter.sqlstate });
        return { stored: 0, merged: 0, deadLettered: 1 };
      }

      const counts = await salvage(job);
      if (isCounted(id)) await settleJobs(tx, [id], counts);
      return { counts, letters };
    });
  });
  return salvaged ?? { counts: { stored: 0, merged: 0, deadLettered: 0 }, letters: [] };
}

/** Writes a part, or tells why its data was refused; what has other reasons is thrown. */
async function attempt(
  tx: Database,
  part: IngestJob,
  prices: PriceBook,
): Promise<SettledCounts | { failure: DataFailure }> {
  try {
    const { counts } = await tx.transaction(async (savepoint) => await writeRows(savepoint, [part], prices));
    return counts;
  } catch (error) {
    const failure = classifyWriteError(error);
    if (failure.kind !== "data") throw error;
    return { failure };
  }
}

function sum(a: SettledCounts, b: SettledCounts): SettledCounts {
  return {
    stored: a.stored + b.stored,
    merged: a.merged + b.merged,
    deadLettered: a.deadLettered + b.deadLettered,
  };
}
