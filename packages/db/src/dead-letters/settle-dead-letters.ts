import { and, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { filterConditions, isUnsettled, type DeadLetterFilter } from "./dead-letter-filter.ts";

/** Asks the workers to write the letters once more. Returns the ids of those that wait for it, also for an earlier asking. */
export async function requestReplay(db: Database, filter: DeadLetterFilter): Promise<string[]> {
  const rows = await db
    .update(deadLetters)
    .set({ replayRequestedAt: sql`coalesce(${deadLetters.replayRequestedAt}, now())` })
    .where(and(filterConditions(filter), isUnsettled))
    .returning({ id: deadLetters.id });
  return rows.map(({ id }) => id);
}

/** Gives letters up and forgets what was in them; the rows stay. Returns the ids of those that were not settled before. */
export async function discardDeadLetters(db: Database, filter: DeadLetterFilter): Promise<string[]> {
  const rows = await db
    .update(deadLetters)
    .set({ discardedAt: sql`now()`, payload: "null" })
    .where(and(filterConditions(filter), isUnsettled))
    .returning({ id: deadLetters.id });
  return rows.map(({ id }) => id);
}
