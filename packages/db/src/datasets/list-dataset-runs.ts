import { and, count, desc, eq, getTableColumns } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetRuns, datasets } from "../schema/datasets.ts";

export type DatasetRunRow = typeof datasetRuns.$inferSelect & { readonly datasetName: string };

/** Which run: by its dataset's name or id, and its own name. */
export type RunChoice = {
  readonly projectId: string;
  readonly dataset: { readonly name: string } | { readonly id: string };
  readonly runName: string;
};

/** Newest first. */
export async function listDatasetRuns(
  db: Database,
  {
    projectId,
    datasetId,
    limit,
    offset,
  }: { readonly limit: number; readonly offset: number } & { readonly projectId: string; readonly datasetId: string },
): Promise<DatasetRunRow[]> {
  return await selectRuns(db)
    .where(and(eq(datasetRuns.projectId, projectId), eq(datasetRuns.datasetId, datasetId)))
    .orderBy(desc(datasetRuns.createdAt), desc(datasetRuns.id))
    .limit(limit)
    .offset(offset);
}

export async function countDatasetRuns(
  db: Database,
  { projectId, datasetId }: { readonly projectId: string; readonly datasetId: string },
): Promise<number> {
  const [row] = await db
    .select({ count: count() })
    .from(datasetRuns)
    .where(and(eq(datasetRuns.projectId, projectId), eq(datasetRuns.datasetId, datasetId)));
  return row?.count ?? 0;
}

export async function findDatasetRun(db: Database, choice: RunChoice): Promise<DatasetRunRow | undefined> {
  const { projectId, dataset, runName } = choice;
  const [row] = await selectRuns(db).where(
    and(
      eq(datasetRuns.projectId, projectId),
      "id" in dataset ? eq(datasetRuns.datasetId, dataset.id) : eq(datasets.name, dataset.name),
      eq(datasetRuns.name, runName),
    ),
  );
  return row;
}

function selectRuns(db: Database) {
  return db
    .select({ ...getTableColumns(datasetRuns), datasetName: datasets.name })
    .from(datasetRuns)
    .innerJoin(datasets, and(eq(datasets.projectId, datasetRuns.projectId), eq(datasets.id, datasetRuns.datasetId)))
    .$dynamic();
}
