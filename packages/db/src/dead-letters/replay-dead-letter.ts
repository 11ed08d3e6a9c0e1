import { IngestJob } from "@xtrace/contract";
import { and, asc, eq, isNotNull, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { BUILT_IN_PRICES, type PriceBook } from "../prices/price-book.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { classifyWriteError } from "../write-error.ts";
import { writeRows } from "../write/write-batch.ts";
import { isUnsettled } from "./dead-letter-filter.ts";
import { storable } from "./storable.ts";

/** What came of a letter that was asked to be replayed. */
export type Replayed = { readonly id: string; readonly outcome: "replayed" | "refused" };

const isWanted = and(isNotNull(deadLetters.replayRequestedAt), isUnsettled);

/** Whether any letter waits for a replay. Without parameters it is one round trip; a transaction to find nothing would be four. */
export async function isReplayRequested(db: Database): Promise<boolean> {
  const [row] = await db.execute<{ found: boolean }>(
    sql`select exists (select from ${deadLetters} where ${isWanted}) as found`,
  );
  return row?.found ?? false;
}

/**
 * Writes one of the letters that wait for a replay, or does nothing when there is none. Several callers at once get
 * different ones. The rows and the letter's new state are one transaction: a crash leaves the letter waiting.
 *
 * Writing is idempotent, so a letter whose events came in by themselves meanwhile changes nothing. One that
 * is refused again stays, with the new reason. Throws for failures of the moment.
 */
export async function replayDeadLetter(
  db: Database,
  prices: PriceBook = BUILT_IN_PRICES,
): Promise<Replayed | undefined> {
  return await db.transaction(async (tx) => {
    const [letter] = await tx
      .select({ id: deadLetters.id, payload: deadLetters.payload })
      .from(deadLetters)
      .where(isWanted)
      .orderBy(asc(deadLetters.replayRequestedAt), asc(deadLetters.id))
      .limit(1)
      .for("update", { skipLocked: true });
    if (!letter) return undefined;
    const refusal = await write(tx, letter.payload, prices);
    const change = refusal
      ? { ...refusal, replayRequestedAt: null, attempts: sql`${deadLetters.attempts} + 1` }
      : { replayedAt: sql`now()`, payload: "null" };
    await tx.update(deadLetters).set(change).where(eq(deadLetters.id, letter.id));
    return { id: letter.id, outcome: refusal ? "refused" : "replayed" };
  });
}

type Refusal = { readonly sqlstate: string | null; readonly error: string };

async function write(tx: Database, payload: string, prices: PriceBook): Promise<Refusal | undefined> {
  const parsed = IngestJob.safeParse(JSON.parse(payload));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { sqlstate: null, error: `malformed job: ${issue?.path.join(".")}: ${issue?.message}` };
  }
  try {
    await tx.transaction(async (savepoint) => await writeRows(savepoint, [parsed.data], prices));
    return undefined;
  } catch (error) {
    const failure = classifyWriteError(error);
    if (failure.kind !== "data") throw error;
    return { sqlstate: failure.sqlstate, error: storable(failure.message) };
  }
}
