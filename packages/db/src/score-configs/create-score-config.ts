import { randomUUID } from "node:crypto";
import type { Database } from "../client.ts";
import { scoreConfigs } from "../schema/score-configs.ts";

export type ScoreConfigRow = typeof scoreConfigs.$inferSelect;

/** What a config says beside its id, its project and its times. */
export type ScoreConfigValues = Pick<
  ScoreConfigRow,
  "name" | "dataType" | "isArchived" | "minValue" | "maxValue" | "categories" | "description"
>;

export async function createScoreConfig(
  db: Database,
  config: { readonly projectId: string } & ScoreConfigValues,
): Promise<ScoreConfigRow> {
  const [row] = await db
    .insert(scoreConfigs)
    .values({ ...config, id: randomUUID() })
    .returning();
  if (!row) throw new Error("A score config was inserted and not returned");
  return row;
}
