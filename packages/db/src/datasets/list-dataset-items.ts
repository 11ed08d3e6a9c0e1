import { and, count, desc, eq, getTableColumns, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetItems, datasetItemVersions, datasets } from "../schema/datasets.ts";
import type { DatasetItemRow } from "./upsert-dataset-item.ts";

export type NamedDatasetItem = DatasetItemRow & { readonly datasetName: string };

export type DatasetItemFilter = {
  readonly projectId: string;
  readonly datasetId?: string | undefined;
  readonly id?: string | undefined;
  readonly sourceTraceId?: string | undefined;
  readonly sourceObservationId?: string | undefined;
  readonly status?: DatasetItemRow["status"] | undefined;
  /** Unix epoch microseconds: items as they were at the end of that millisecond, without those that came later. */
  readonly asOfUs?: number | undefined;
};

/** Newest first, by when they were made. */
export async function listDatasetItems(
  db: Database,
  options: { readonly filter: DatasetItemFilter; readonly limit: number; readonly offset: number },
): Promise<NamedDatasetItem[]> {
  const { filter, limit, offset } = options;
  const items = itemsAsOf(db, filter);
  return await db
    .with(items)
    .select({ ...items._.selectedFields, datasetName: datasets.name })
    .from(items)
    .innerJoin(datasets, and(eq(datasets.projectId, items.projectId), eq(datasets.id, items.datasetId)))
    .where(hasStatus(items, filter))
    .orderBy(desc(items.createdAt), desc(items.id))
    .limit(limit)
    .offset(offset);
}

export async function countDatasetItems(db: Database, filter: DatasetItemFilter): Promise<number> {
  const items = itemsAsOf(db, filter);
  const [row] = await db.with(items).select({ count: count() }).from(items).where(hasStatus(items, filter));
  return row?.count ?? 0;
}

function itemsAsOf(db: Database, filter: DatasetItemFilter) {
  const { projectId, datasetId, id, asOfUs } = filter;
  const ofProject = and(
    eq(datasetItems.projectId, projectId),
    datasetId === undefined ? undefined : eq(datasetItems.datasetId, datasetId),
    id === undefined ? undefined : eq(datasetItems.id, id),
  );
  if (asOfUs === undefined) {
    const now = db
      .select()
      .from(datasetItems)
      .where(and(ofProject, isFrom(datasetItems, filter)));
    return db.$with("items").as(now);
  }
  // Items say their times in milliseconds: who asks for the time of a state has to get that state.
  const endUs = (Math.floor(asOfUs / 1000) + 1) * 1000;
  const { itemId, validFrom, ...content } = getTableColumns(datasetItemVersions);
  const then = db
    .selectDistinctOn([itemId], {
      ...content,
      id: datasetItems.id,
      datasetId: datasetItems.datasetId,
      createdAt: datasetItems.createdAt,
      updatedAt: validFrom,
    })
    .from(datasetItems)
    .innerJoin(
      datasetItemVersions,
      and(eq(datasetItemVersions.projectId, datasetItems.projectId), eq(itemId, datasetItems.id)),
    )
    .where(and(ofProject, isFrom(datasetItemVersions, filter), lt(validFrom, endUs)))
    .orderBy(itemId, desc(validFrom));
  return db.$with("items").as(then);
}

/** Asked of the state that is shown, not of earlier ones. */
function hasStatus(items: ReturnType<typeof itemsAsOf>, { status }: DatasetItemFilter) {
  return status === undefined ? undefined : eq(items.status, status);
}

function isFrom(
  table: typeof datasetItems | typeof datasetItemVersions,
  { sourceTraceId, sourceObservationId }: DatasetItemFilter,
) {
  return and(
    sourceTraceId === undefined ? undefined : eq(table.sourceTraceId, sourceTraceId),
    sourceObservationId === undefined ? undefined : eq(table.sourceObservationId, sourceObservationId),
  );
}
