import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import type { ScoreConfigRow } from "./create-score-config.ts";

/** One config by its id, over the primary key. */
export async function findScoreConfig(
  db: Database,
  query: { readonly projectId: string; readonly configId: string },
): Promise<ScoreConfigRow | undefined> {
  const isAsked = and(eq(scoreConfigs.projectId, query.projectId), eq(scoreConfigs.id, query.configId));
  const [row] = await db.select().from(scoreConfigs).where(isAsked);
  return row;
}
