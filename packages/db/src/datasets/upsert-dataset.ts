import { randomUUID } from "node:crypto";
import type { JsonValue } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { datasets } from "../schema/datasets.ts";

export type DatasetRow = typeof datasets.$inferSelect;

/** `null` leaves what there is. */
export type DatasetContent = {
  readonly description: string | null;
  readonly metadata: JsonValue | null;
  readonly inputSchema: JsonValue | null;
  readonly expectedOutputSchema: JsonValue | null;
};

/** Makes a dataset, or changes the one of that name. */
export async function upsertDataset(
  db: Database,
  options: DatasetContent & { readonly projectId: string; readonly name: string },
): Promise<DatasetRow> {
  const [row] = await db
    .insert(datasets)
    .values({ ...options, id: randomUUID() })
    .onConflictDoUpdate({
      target: [datasets.projectId, datasets.name],
      set: {
        description: sql`coalesce(excluded.description, ${datasets.description})`,
        metadata: sql`coalesce(excluded.metadata, ${datasets.metadata})`,
        inputSchema: sql`coalesce(excluded.input_schema, ${datasets.inputSchema})`,
        expectedOutputSchema: sql`coalesce(excluded.expected_output_schema, ${datasets.expectedOutputSchema})`,
        updatedAt: sql`clock_timestamp()`,
      },
    })
    .returning();
  if (!row) throw new Error("an upsert returned no row");
  return row;
}
