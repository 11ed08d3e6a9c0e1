import { and, asc, eq, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { hoursOfGone, type GoneHour } from "../counts/gone-hours.ts";
import { scores } from "../schema/scores.ts";
import { applyRollups } from "../write/apply-rollups.ts";

/** Deletes a score and its count. Returns whether there was one. */
export async function deleteScore(
  db: Database,
  query: { readonly projectId: string; readonly scoreId: string },
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const gone = await deleteScoresWhere(tx, query.projectId, eq(scores.id, query.scoreId));
    await applyRollups(tx, { daily: [], facets: [], hourly: hoursOfGone(query.projectId, gone) });
    return gone.length > 0;
  });
}

/** Deletes scores, locked in key order as writers do it. The caller takes what is returned out of the hourly counts. */
export async function deleteScoresWhere(tx: Database, projectId: string, condition: SQL): Promise<GoneHour[]> {
  const locked = await tx
    .select({ id: scores.id, timestamp: scores.timestamp })
    .from(scores)
    .where(and(eq(scores.projectId, projectId), condition))
    .orderBy(asc(scores.id))
    .for("update");
  if (locked.length === 0) return [];
  const ids = locked.map(({ id }) => id);
  await tx
    .delete(scores)
    .where(and(eq(scores.projectId, projectId), sql`${scores.id} = any(${sql.param(ids)}::text[])`));
  return locked.map(({ timestamp }) => ({ count: "scoreCount", timeUs: timestamp, rows: 1 }));
}
