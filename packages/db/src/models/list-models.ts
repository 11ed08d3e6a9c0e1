import { asc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { BUILT_IN_MODELS } from "../prices/built-in-models.ts";
import type { ModelDefinition } from "../prices/model-definition.ts";
import { models } from "../schema/models.ts";
import { modelColumns } from "./model-columns.ts";

/** Whose models are asked for. The built-in ones are everybody's. */
type OfProject = { readonly projectId: string };

/**
 * The models that a project's observations are priced by: its own, by name, then the built-in ones in the order
 * in which they are asked. `total` counts both.
 */
export async function listModels(
  db: Database,
  { projectId, limit, offset }: OfProject & { readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: ModelDefinition[]; readonly total: number }> {
  const own = await db.$count(models, eq(models.projectId, projectId));
  const rows: ModelDefinition[] =
    offset >= own
      ? []
      : await db
          .select(modelColumns)
          .from(models)
          .where(eq(models.projectId, projectId))
          .orderBy(asc(models.modelName))
          .limit(limit)
          .offset(offset);
  const builtIn = BUILT_IN_MODELS.slice(Math.max(0, offset - own), Math.max(0, offset + limit - own));
  return { rows: [...rows, ...builtIn], total: own + BUILT_IN_MODELS.length };
}
