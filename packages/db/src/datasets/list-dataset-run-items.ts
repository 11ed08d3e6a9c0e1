import { and, asc, count, eq, getTableColumns } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetRunItems, datasetRuns } from "../schema/datasets.ts";
import type { DatasetRunItemRow } from "./add-dataset-run-item.ts";

type RunItems = { readonly projectId: string; readonly runId: string };

/** In the order of their making. */
export async function listDatasetRunItems(
  db: Database,
  { projectId, runId, limit, offset }: RunItems & { readonly limit: number; readonly offset: number },
): Promise<DatasetRunItemRow[]> {
  return await db
    .select({ ...getTableColumns(datasetRunItems), runName: datasetRuns.name })
    .from(datasetRunItems)
    .innerJoin(
      datasetRuns,
      and(eq(datasetRuns.projectId, datasetRunItems.projectId), eq(datasetRuns.id, datasetRunItems.runId)),
    )
    .where(and(eq(datasetRunItems.projectId, projectId), eq(datasetRunItems.runId, runId)))
    .orderBy(asc(datasetRunItems.createdAt), asc(datasetRunItems.id))
    .limit(limit)
    .offset(offset);
}

export async function countDatasetRunItems(db: Database, { projectId, runId }: RunItems): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(datasetRunItems)
    .where(and(eq(datasetRunItems.projectId, projectId), eq(datasetRunItems.runId, runId)));
  return row?.count ?? 0;
}
