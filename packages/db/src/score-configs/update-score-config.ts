import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import type { ScoreConfigRow, ScoreConfigValues } from "./create-score-config.ts";

/**
 * Changes a config to what `change` makes of it, while nobody else changes it; `undefined` when there is none.
 * What `change` throws leaves the config as it was.
 */
export async function updateScoreConfig(
  db: Database,
  query: { readonly projectId: string; readonly configId: string },
  change: (config: ScoreConfigRow) => Partial<ScoreConfigValues>,
): Promise<ScoreConfigRow | undefined> {
  const isAsked = and(eq(scoreConfigs.projectId, query.projectId), eq(scoreConfigs.id, query.configId));
  return await db.transaction(async (tx) => {
    const [before] = await tx.select().from(scoreConfigs).where(isAsked).for("update");
    if (!before) return undefined;
    const [after] = await tx
      .update(scoreConfigs)
      .set({ ...change(before), updatedAt: sql`now()` })
      .where(isAsked)
      .returning();
    return after;
  });
}
