import type { RowCount } from "@xtrace/contract";
import { count, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scores } from "../schema/scores.ts";
import { scoreCondition, type ScoreFilter } from "./score-filter.ts";

/** How many scores match, counted up to `bound`: beyond it a count costs more than it tells. */
export async function countScores(
  db: Database,
  query: { readonly filter: ScoreFilter; readonly bound: number },
): Promise<RowCount> {
  const { filter, bound } = query;
  const matches = db
    .select({ one: sql`1`.as("one") })
    .from(scores)
    .where(scoreCondition(filter))
    .limit(bound + 1)
    .as("matches");
  const [row] = await db.select({ count: count() }).from(matches);
  const found = row?.count ?? 0;
  return { count: Math.min(found, bound), exact: found <= bound };
}
