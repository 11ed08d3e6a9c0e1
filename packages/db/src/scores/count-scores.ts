import type { RowCount } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
import { scores } from "../schema/scores.ts";
import { scoreCondition, type ScoreFilter } from "./score-filter.ts";

/** How many scores match, counted up to `bound`: beyond it a count costs more than it tells. */
export async function countScores(
  db: Database,
  query: { readonly filter: ScoreFilter; readonly bound: number },
): Promise<RowCount> {
  const { filter, bound } = query;
  const matches = db.select(ONE).from(scores).where(scoreCondition(filter)).$dynamic();
  return await countUpTo(db, matches, bound);
}
