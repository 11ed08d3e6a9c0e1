import { and, eq, ne, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import type { ModelDefinition } from "../prices/model-definition.ts";
import { models } from "../schema/models.ts";
import { modelColumns, type StoredModel } from "./model-columns.ts";

/**
 * Makes a model, or replaces the project's one of that id. `undefined` when another of the project's models has
 * the name already: then nothing is written.
 */
export async function saveModel(
  db: Database,
  model: Omit<StoredModel, "createdAt">,
): Promise<ModelDefinition | undefined> {
  const { projectId, id, modelName } = model;
  return await db.transaction(async (tx) => {
    // Two at once with one name: the second waits here, and then finds the first.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`models\n${projectId}`}, 0))`);
    const [taken] = await tx
      .select({ id: models.id })
      .from(models)
      .where(and(eq(models.projectId, projectId), eq(models.modelName, modelName), ne(models.id, id)));
    if (taken) return undefined;
    const values = { ...model, pricingTiers: [...model.pricingTiers] };
    const [saved] = await tx
      .insert(models)
      .values(values)
      .onConflictDoUpdate({
        target: [models.projectId, models.id],
        set: { ...values, updatedAt: sql`clock_timestamp()` },
      })
      .returning(modelColumns);
    return saved;
  });
}
