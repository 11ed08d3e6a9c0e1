import { and, asc, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasetItems } from "../schema/datasets.ts";

const SLICE = 500;

/** What an item says that its dataset has schemas for. */
export type WalkedItem = Pick<typeof datasetItems.$inferSelect, "id" | "input" | "expectedOutput">;

/** All items of a dataset as they are now, oldest first, a slice at a time: each is found behind the last one's key. */
export async function* walkDatasetItems(
  db: Database,
  { projectId, datasetId }: { readonly projectId: string; readonly datasetId: string },
): AsyncGenerator<WalkedItem[]> {
  const { id, createdAt, input, expectedOutput } = datasetItems;
  const ofDataset = and(eq(datasetItems.projectId, projectId), eq(datasetItems.datasetId, datasetId));
  let last: { readonly createdAt: number; readonly id: string } | undefined;
  do {
    const after = last && sql`(${createdAt}, ${id}) > (${sql.param(last.createdAt, createdAt)}, ${last.id})`;
    const items = await db
      .select({ id, createdAt, input, expectedOutput })
      .from(datasetItems)
      .where(and(ofDataset, after))
      .orderBy(asc(createdAt), asc(id))
      .limit(SLICE);
    if (items.length > 0) yield items;
    last = items.length < SLICE ? undefined : items.at(-1);
  } while (last);
}
