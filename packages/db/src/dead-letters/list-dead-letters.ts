import type { RowCount } from "@xtrace/contract";
import { count, desc, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { filterConditions, stateColumn, type DeadLetterFilter, type DeadLetterState } from "./dead-letter-filter.ts";

const SUMMARY = {
  id: deadLetters.id,
  projectId: deadLetters.projectId,
  state: stateColumn,
  sqlstate: deadLetters.sqlstate,
  error: deadLetters.error,
  attempts: deadLetters.attempts,
  payloadBytes: sql<number>`octet_length(${deadLetters.payload})`,
  receivedAt: deadLetters.receivedAt,
  createdAt: deadLetters.createdAt,
  replayRequestedAt: deadLetters.replayRequestedAt,
  replayedAt: deadLetters.replayedAt,
  discardedAt: deadLetters.discardedAt,
};

/** A letter without what is in it. Times in Unix epoch microseconds. */
export type DeadLetterRow = {
  readonly id: string;
  readonly projectId: string;
  readonly state: DeadLetterState;
  readonly sqlstate: string | null;
  readonly error: string;
  readonly attempts: number;
  readonly payloadBytes: number;
  readonly receivedAt: number;
  readonly createdAt: number;
  readonly replayRequestedAt: number | null;
  readonly replayedAt: number | null;
  readonly discardedAt: number | null;
};

/** Newest first. */
export async function listDeadLetters(
  db: Database,
  options: { readonly filter: DeadLetterFilter; readonly limit: number; readonly offset: number },
): Promise<DeadLetterRow[]> {
  return await db
    .select(SUMMARY)
    .from(deadLetters)
    .where(filterConditions(options.filter))
    .orderBy(desc(deadLetters.createdAt), desc(deadLetters.id))
    .limit(options.limit)
    .offset(options.offset);
}

export async function countDeadLetters(
  db: Database,
  options: { readonly filter: DeadLetterFilter; readonly bound: number },
): Promise<RowCount> {
  const { filter, bound } = options;
  return await countUpTo(db, db.select(ONE).from(deadLetters).where(filterConditions(filter)).$dynamic(), bound);
}

/** With its payload, cut after `maxChars` characters. */
export async function getDeadLetter(
  db: Database,
  options: { readonly id: string; readonly projectId?: string | undefined; readonly maxChars: number },
): Promise<(DeadLetterRow & { readonly payload: string }) | undefined> {
  const { id, projectId, maxChars } = options;
  const [row] = await db
    .select({ ...SUMMARY, payload: sql<string>`left(${deadLetters.payload}, ${maxChars})` })
    .from(deadLetters)
    .where(filterConditions({ projectId, ids: [id] }));
  return row;
}

/** Over all projects. */
export async function countDeadLettersByState(db: Database): Promise<Map<DeadLetterState, number>> {
  const rows = await db.select({ state: stateColumn, letters: count() }).from(deadLetters).groupBy(stateColumn);
  return new Map(rows.map(({ state, letters }) => [state, letters]));
}
