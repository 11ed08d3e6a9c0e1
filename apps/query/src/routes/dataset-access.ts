import { findDataset, type Database, type DatasetRow } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";

/** A dataset of the key's project. Throws NOT_FOUND. */
export async function datasetOf(db: Database, projectId: string, name: string): Promise<DatasetRow> {
  const dataset = await findDataset(db, { projectId, name });
  if (!dataset) throw new AppError("NOT_FOUND", "Dataset not found");
  return dataset;
}
