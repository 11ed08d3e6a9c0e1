import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { models } from "../schema/models.ts";

/** Whether the project had such a model. What was priced by it keeps its cost. */
export async function deleteModel(
  db: Database,
  { projectId, id }: { readonly projectId: string; readonly id: string },
): Promise<boolean> {
  const deleted = await db
    .delete(models)
    .where(and(eq(models.projectId, projectId), eq(models.id, id)))
    .returning({ id: models.id });
  return deleted.length > 0;
}
