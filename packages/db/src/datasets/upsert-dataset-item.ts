import type { DatasetStatus, JsonValue } from "@xtrace/contract";
import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetItems, datasetItemVersions, datasets } from "../schema/datasets.ts";
import type { DatasetRow } from "./upsert-dataset.ts";

export type DatasetItemRow = typeof datasetItems.$inferSelect;

/** `null` leaves what there is. */
export type DatasetItemContent = {
  readonly input: JsonValue | null;
  readonly expectedOutput: JsonValue | null;
  readonly metadata: JsonValue | null;
  readonly sourceTraceId: string | null;
  readonly sourceObservationId: string | null;
  readonly status: DatasetStatus | null;
};

/**
 * Makes an item, or changes the one with that id, and keeps what it said before. `undefined` when the id is one of
 * another dataset. `check` meets the dataset as it stays until the item is there; what it throws leaves all as it was.
 */
export async function upsertDatasetItem(
  db: Database,
  options: DatasetItemContent & { readonly projectId: string; readonly datasetId: string; readonly id: string },
  check?: (dataset: DatasetRow) => Promise<void>,
): Promise<DatasetItemRow | undefined> {
  const { status, ...given } = options;
  return await db.transaction(async (tx) => {
    const isAsked = and(eq(datasets.projectId, given.projectId), eq(datasets.id, given.datasetId));
    const [dataset] = await tx.select().from(datasets).where(isAsked).for("share");
    if (dataset) await check?.(dataset);
    const [row] = await tx
      .insert(datasetItems)
      .values({ ...given, status: status ?? "ACTIVE" })
      .onConflictDoUpdate({
        target: [datasetItems.projectId, datasetItems.id],
        set: {
          input: sql`coalesce(excluded.input, ${datasetItems.input})`,
          expectedOutput: sql`coalesce(excluded.expected_output, ${datasetItems.expectedOutput})`,
          metadata: sql`coalesce(excluded.metadata, ${datasetItems.metadata})`,
          sourceTraceId: sql`coalesce(excluded.source_trace_id, ${datasetItems.sourceTraceId})`,
          sourceObservationId: sql`coalesce(excluded.source_observation_id, ${datasetItems.sourceObservationId})`,
          status: status ?? sql`${datasetItems.status}`,
          // Of two changes within a microsecond the second one is later still.
          updatedAt: sql`greatest(clock_timestamp(), ${datasetItems.updatedAt} + interval '1 microsecond')`,
        },
        setWhere: eq(datasetItems.datasetId, given.datasetId),
      })
      .returning();
    if (!row) return undefined;
    const { id: itemId, updatedAt: validFrom, datasetId, createdAt, ...content } = row;
    await tx.insert(datasetItemVersions).values({ ...content, itemId, validFrom });
    return row;
  });
}
