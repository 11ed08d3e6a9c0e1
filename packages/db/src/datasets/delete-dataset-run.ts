import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetRuns } from "../schema/datasets.ts";
import { findDatasetRun, type RunChoice } from "./list-dataset-runs.ts";

/** Deletes a run with what came of items in it; false when there is none. */
export async function deleteDatasetRun(db: Database, choice: RunChoice): Promise<boolean> {
  const run = await findDatasetRun(db, choice);
  if (!run) return false;
  const deleted = await db
    .delete(datasetRuns)
    .where(and(eq(datasetRuns.projectId, choice.projectId), eq(datasetRuns.id, run.id)))
    .returning({ id: datasetRuns.id });
  return deleted.length > 0;
}
