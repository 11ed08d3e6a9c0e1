import { and, countDistinct, eq, inArray } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";

/** Whether each of the ids is one of the project's configs. */
export async function areScoreConfigs(
  db: Database,
  query: { readonly projectId: string; readonly ids: readonly string[] },
): Promise<boolean> {
  const ids = [...new Set(query.ids)];
  if (ids.length === 0) return true;
  const [row] = await db
    .select({ found: countDistinct(scoreConfigs.id) })
    .from(scoreConfigs)
    .where(and(eq(scoreConfigs.projectId, query.projectId), inArray(scoreConfigs.id, ids)));
  return row?.found === ids.length;
}
