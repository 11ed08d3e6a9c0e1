import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scores } from "../schema/scores.ts";
import { scoreColumns, type ScoreRow } from "./score-columns.ts";

/** One score by its id, over the primary key. */
export async function findScore(
  db: Database,
  query: { readonly projectId: string; readonly scoreId: string },
): Promise<ScoreRow | undefined> {
  const [row] = await db
    .select(scoreColumns)
    .from(scores)
    .where(and(eq(scores.projectId, query.projectId), eq(scores.id, query.scoreId)));
  return row;
}
