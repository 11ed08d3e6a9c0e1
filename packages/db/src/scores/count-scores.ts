import type { RowCount } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
import { countInRange } from "../counts/hourly-counts.ts";
import { scores } from "../schema/scores.ts";
import { isOnlyTimeOfScores, scoreCondition, type ScoreFilter } from "./score-filter.ts";

/** How many scores match: exactly without a filter but time, from the hourly counts, else up to `bound`. */
export async function countScores(
  db: Database,
  query: { readonly filter: ScoreFilter; readonly bound: number },
): Promise<RowCount> {
  const { filter, bound } = query;
  if (isOnlyTimeOfScores(filter)) {
    return { count: await countInRange(db, { projectId: filter.projectId, of: "scores", range: filter }), exact: true };
  }
  const matches = db.select(ONE).from(scores).where(scoreCondition(filter)).$dynamic();
  return await countUpTo(db, matches, bound);
}
