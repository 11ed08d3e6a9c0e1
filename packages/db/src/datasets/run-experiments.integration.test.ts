import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase } from "../../test/setup-database.ts";
import type { Database } from "../client.ts";
import { datasetItems, datasetRunItems, datasetRuns } from "../schema/datasets.ts";
import { listExperimentItems } from "./list-experiments.ts";
import { upsertDataset } from "./upsert-dataset.ts";

test("of all that came of items in runs the newest is read and no more", async () => {
  await using database = await setupDatabase();
  const { db } = database;
  const projectId = "p";
  const nothing = { description: null, metadata: null, inputSchema: null, expectedOutputSchema: null };
  const { id: datasetId } = await upsertDataset(db, { projectId, name: "d", ...nothing });
  await db.insert(datasetItems).values({ projectId, id: "i", datasetId, status: "ACTIVE" });
  await db.insert(datasetRuns).values({ projectId, id: "r", datasetId, name: "run", metadata: {} });
  await db.execute(sql`
    insert into ${datasetRunItems} (project_id, id, run_id, item_id, trace_id, created_at)
    select ${projectId}, 'i' || n, 'r', 'i', 't', timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second'
    from generate_series(0, 9999) n`);
  await db.execute(sql`vacuum analyze ${datasetRunItems}, ${datasetRuns}, ${datasetItems}`);
  const read = (own: Database) => listExperimentItems(own, { filter: { projectId, fromUs: 0 }, limit: 50 });
  expect((await read(db)).map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, n) => `i${9_999 - n}`));
  const [plan = ""] = await explainStatements(database.url, read);
  expect(plan).toContain("dataset_run_items_project_created_idx");
  expect(plan).not.toContain("Sort");
});
