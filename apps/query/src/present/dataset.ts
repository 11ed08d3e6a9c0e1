import type { Dataset, DatasetItem, DatasetRun, DatasetRunItem } from "@xtrace/contract";
import type { DatasetRow, DatasetRunItemRow, DatasetRunRow, NamedDatasetItem } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

type Times = { readonly createdAt: number; readonly updatedAt: number };

function timesOf({ createdAt, updatedAt }: Times) {
  return { createdAt: wireTime(createdAt), updatedAt: wireTime(updatedAt) };
}

export function presentDataset(row: DatasetRow): Dataset {
  const { id, name, description, metadata, inputSchema, expectedOutputSchema, projectId } = row;
  return { id, name, description, metadata, inputSchema, expectedOutputSchema, projectId, ...timesOf(row) };
}

export function presentDatasetItem(
  { projectId, ...row }: NamedDatasetItem,
  mediaReferences: DatasetItem["mediaReferences"],
): DatasetItem {
  return { ...row, ...timesOf(row), mediaReferences };
}

export function presentDatasetRun({ projectId, ...row }: DatasetRunRow): DatasetRun {
  return { ...row, ...timesOf(row) };
}

export function presentDatasetRunItem(row: DatasetRunItemRow): DatasetRunItem {
  const { id, runId: datasetRunId, runName: datasetRunName, itemId: datasetItemId, traceId, observationId } = row;
  return { id, datasetRunId, datasetRunName, datasetItemId, traceId, observationId, ...timesOf(row) };
}
