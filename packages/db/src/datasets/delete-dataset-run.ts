import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetRuns, deletedDatasetRuns } from "../schema/datasets.ts";
import { findDatasetRun, type RunChoice } from "./list-dataset-runs.ts";

/** Deletes a run with what came of items in it, and has its spans no longer listed; false when there is none. */
export async function deleteDatasetRun(db: Database, choice: RunChoice): Promise<boolean> {
  const run = await findDatasetRun(db, choice);
  if (!run) return false;
  const isRun = and(eq(datasetRuns.projectId, choice.projectId), eq(datasetRuns.id, run.id));
  return await db.transaction(async (tx) => {
    const deleted = await tx
      .delete(datasetRuns)
      .where(isRun)
      .returning({ projectId: datasetRuns.projectId, id: datasetRuns.id });
    if (deleted.length > 0) await tx.insert(deletedDatasetRuns).values(deleted);
    return deleted.length > 0;
  });
}
