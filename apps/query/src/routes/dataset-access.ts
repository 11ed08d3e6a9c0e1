import { findDataset, type Database, type DatasetRow } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";

/** A dataset of the key's project. Throws NOT_FOUND. */
export async function datasetOf(db: Database, projectId: string, name: string): Promise<DatasetRow> {
  const dataset = await findDataset(db, { projectId, name });
  if (!dataset) throw new AppError("NOT_FOUND", "Dataset not found");
  return dataset;
}

/**
 * The same for a name in a query, also where that is encoded once more: version 2 of Langfuse's Python client encodes it,
 * and so does its HTTP library, from httpx 0.28 on.
 */
export async function datasetOfQuery(db: Database, projectId: string, name: string): Promise<DatasetRow> {
  return (await findDataset(db, { projectId, name })) ?? (await datasetOf(db, projectId, decoded(name)));
}

function decoded(name: string): string {
  try {
    const text = decodeURIComponent(name);
    // PostgreSQL text holds no U+0000.
    return text.includes("\0") ? name : text;
  } catch {
    return name;
  }
}
