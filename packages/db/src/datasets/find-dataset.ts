import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasets } from "../schema/datasets.ts";
import type { DatasetRow } from "./upsert-dataset.ts";

export async function findDataset(
  db: Database,
  query: { readonly projectId: string; readonly name: string },
): Promise<DatasetRow | undefined> {
  const [row] = await db
    .select()
    .from(datasets)
    .where(and(eq(datasets.projectId, query.projectId), eq(datasets.name, query.name)));
  return row;
}
