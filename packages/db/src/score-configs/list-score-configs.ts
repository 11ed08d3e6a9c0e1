import { desc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import type { ScoreConfigRow } from "./create-score-config.ts";

/** One page of a project's configs, newest first, and how many there are. */
export async function listScoreConfigs(
  db: Database,
  query: { readonly projectId: string; readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: ScoreConfigRow[]; readonly total: number }> {
  const isOfProject = eq(scoreConfigs.projectId, query.projectId);
  const total = await db.$count(scoreConfigs, isOfProject);
  const rows = await db
    .select()
    .from(scoreConfigs)
    .where(isOfProject)
    .orderBy(desc(scoreConfigs.createdAt), desc(scoreConfigs.id))
    .limit(query.limit)
    .offset(query.offset);
  return { rows, total };
}
