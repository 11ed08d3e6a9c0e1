import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { BUILT_IN_MODELS } from "../prices/built-in-models.ts";
import type { ModelDefinition } from "../prices/model-definition.ts";
import { models } from "../schema/models.ts";
import { modelColumns } from "./model-columns.ts";

/** A model of the project's or a built-in one. */
export async function findModel(
  db: Database,
  { projectId, id }: { readonly projectId: string; readonly id: string },
): Promise<ModelDefinition | undefined> {
  const builtIn = builtInModel(id);
  if (builtIn) return builtIn;
  const [model] = await db
    .select(modelColumns)
    .from(models)
    .where(and(eq(models.projectId, projectId), eq(models.id, id)));
  return model;
}

export function builtInModel(id: string): ModelDefinition | undefined {
  return BUILT_IN_MODELS.find((model) => model.id === id);
}
