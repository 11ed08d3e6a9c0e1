import { randomUUID } from "node:crypto";
import type { JsonValue } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetRunItems, datasetRuns } from "../schema/datasets.ts";

export type DatasetRunItemRow = typeof datasetRunItems.$inferSelect & { readonly runName: string };

/** Adds what came of an item to a run, which is made by its name, or takes what is given of it. */
export async function addDatasetRunItem(
  db: Database,
  options: {
    readonly projectId: string;
    readonly datasetId: string;
    readonly runName: string;
    /** `null` leaves what there is. */
    readonly description: string | null;
    readonly metadata: JsonValue | null;
    readonly itemId: string;
    readonly traceId: string;
    readonly observationId: string | null;
    /** Unix epoch microseconds. */
    readonly createdAtUs?: number | undefined;
  },
): Promise<DatasetRunItemRow> {
  const { projectId, datasetId, runName, description, metadata, itemId, traceId, observationId } = options;
  const times =
    options.createdAtUs === undefined ? {} : { createdAt: options.createdAtUs, updatedAt: options.createdAtUs };
  return await db.transaction(async (tx) => {
    const [run] = await tx
      .insert(datasetRuns)
      .values({
        projectId,
        id: randomUUID(),
        datasetId,
        name: runName,
        description,
        metadata: metadata ?? {},
        ...times,
      })
      .onConflictDoUpdate({
        target: [datasetRuns.projectId, datasetRuns.datasetId, datasetRuns.name],
        set: {
          description: sql`coalesce(excluded.description, ${datasetRuns.description})`,
          metadata: metadata === null ? sql`${datasetRuns.metadata}` : sql`excluded.metadata`,
          updatedAt: sql`clock_timestamp()`,
        },
      })
      .returning({ id: datasetRuns.id });
    const [item] = await tx
      .insert(datasetRunItems)
      .values({ projectId, id: randomUUID(), runId: run?.id ?? "", itemId, traceId, observationId, ...times })
      .returning();
    if (!item) throw new Error("an insert returned no row");
    return { ...item, runName };
  });
}
