import { and, count, desc, eq, getTableColumns, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetItems, datasetRuns, datasets } from "../schema/datasets.ts";
import type { DatasetRow } from "./upsert-dataset.ts";

type Page = { readonly projectId: string; readonly limit: number; readonly offset: number };

/** Newest first. */
export async function listDatasets(db: Database, { projectId, limit, offset }: Page): Promise<DatasetRow[]> {
  return await db
    .select()
    .from(datasets)
    .where(eq(datasets.projectId, projectId))
    .orderBy(desc(datasets.createdAt), desc(datasets.id))
    .limit(limit)
    .offset(offset);
}

export async function countDatasets(db: Database, projectId: string): Promise<number> {
  const [row] = await db.select({ count: count() }).from(datasets).where(eq(datasets.projectId, projectId));
  return row?.count ?? 0;
}

/** The newest of what is in it, by id and by name. */
export type DatasetWithIdsRow = DatasetRow & { readonly itemIds: string[]; readonly runNames: string[] };

/** As `listDatasets`, with at most `maxIds` active items and runs of each. */
export async function listDatasetsWithIds(
  db: Database,
  { projectId, limit, offset, maxIds }: Page & { readonly maxIds: number },
): Promise<DatasetWithIdsRow[]> {
  const ofDataset = (table: typeof datasetItems | typeof datasetRuns) =>
    and(eq(table.projectId, datasets.projectId), eq(table.datasetId, datasets.id));
  const items = db
    .select({ id: datasetItems.id })
    .from(datasetItems)
    .where(and(ofDataset(datasetItems), eq(datasetItems.status, "ACTIVE")))
    .orderBy(desc(datasetItems.createdAt), desc(datasetItems.id))
    .limit(maxIds);
  const runs = db
    .select({ name: datasetRuns.name })
    .from(datasetRuns)
    .where(ofDataset(datasetRuns))
    .orderBy(desc(datasetRuns.createdAt), desc(datasetRuns.id))
    .limit(maxIds);
  return await db
    .select({
      ...getTableColumns(datasets),
      itemIds: sql<string[]>`array(${items})`,
      runNames: sql<string[]>`array(${runs})`,
    })
    .from(datasets)
    .where(eq(datasets.projectId, projectId))
    .orderBy(desc(datasets.createdAt), desc(datasets.id))
    .limit(limit)
    .offset(offset);
}
