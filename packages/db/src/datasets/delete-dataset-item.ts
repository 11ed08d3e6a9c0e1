import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetItems } from "../schema/datasets.ts";

/** Deletes an item with all that it said before and what came of it in runs; false when there is none. */
export async function deleteDatasetItem(
  db: Database,
  { projectId, id }: { readonly projectId: string; readonly id: string },
): Promise<boolean> {
  const deleted = await db
    .delete(datasetItems)
    .where(and(eq(datasetItems.projectId, projectId), eq(datasetItems.id, id)))
    .returning({ id: datasetItems.id });
  return deleted.length > 0;
}
