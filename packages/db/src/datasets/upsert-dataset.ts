import { randomUUID } from "node:crypto";
import type { JsonValue } from "@xtrace/contract";
import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasets } from "../schema/datasets.ts";
import { walkDatasetItems, type WalkedItem } from "./walk-dataset-items.ts";

export type DatasetRow = typeof datasets.$inferSelect;

/** `null` leaves what there is. */
export type DatasetContent = {
  readonly description: string | null;
  readonly metadata: JsonValue | null;
  readonly inputSchema: JsonValue | null;
  readonly expectedOutputSchema: JsonValue | null;
};

/**
 * Makes a dataset, or changes the one of that name. Before it is changed `check` meets the items that are there; what it
 * throws leaves all as it was. Items that come meanwhile wait, and meet the dataset as it is then.
 */
export async function upsertDataset(
  db: Database,
  options: DatasetContent & { readonly projectId: string; readonly name: string },
  check?: (items: AsyncIterable<readonly WalkedItem[]>) => Promise<void>,
): Promise<DatasetRow> {
  const { projectId, name, description, metadata, inputSchema, expectedOutputSchema } = options;
  const isAsked = and(eq(datasets.projectId, projectId), eq(datasets.name, name));
  return await db.transaction(async (tx) => {
    const [made] = await tx
      .insert(datasets)
      .values({ ...options, id: randomUUID() })
      .onConflictDoNothing({ target: [datasets.projectId, datasets.name] })
      .returning();
    if (made) return made;
    // Excludes who writes items, and nobody else who refers to the dataset.
    const [before] = await tx.select({ id: datasets.id }).from(datasets).where(isAsked).for("no key update");
    if (before) await check?.(walkDatasetItems(tx, { projectId, datasetId: before.id }));
    const [row] = await tx
      .update(datasets)
      .set({
        ...(description === null ? {} : { description }),
        ...(metadata === null ? {} : { metadata }),
        ...(inputSchema === null ? {} : { inputSchema }),
        ...(expectedOutputSchema === null ? {} : { expectedOutputSchema }),
        updatedAt: sql`clock_timestamp()`,
      })
      .where(isAsked)
      .returning();
    if (!row) throw new Error("an upsert returned no row");
    return row;
  });
}
