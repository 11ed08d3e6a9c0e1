import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { listExperimentItems, listExperiments } from "./list-experiments.ts";

const PROJECT = "p";
const SPANS = 20_000;
const ITEMS = 400;

let database: TestDatabase;
/** Experiments of twenty items, among fifty times as many other spans of the same time, each item's child included. */
beforeAll(async () => {
  database = await setupDatabase();
  await database.db.execute(sql`
    insert into ${traces} (project_id, id, timestamp, event_stamp)
    select ${PROJECT}, 't' || i, timestamptz '2026-01-01T00:00:00Z' + i * interval '1 second', 0 from generate_series(0, 99) i`);
  await database.db.execute(sql`
    insert into ${observations} (project_id, id, trace_id, start_time, event_stamp, metadata)
    select ${PROJECT}, 'o' || i, 't' || i % 100, timestamptz '2026-01-01T00:00:00Z' + i * interval '1 second', 0,
      case when i % 50 < 2 then jsonb_build_object('attributes', jsonb_build_object(
        'langfuse.experiment.id', 'e' || i / 1000,
        'langfuse.experiment.name', 'n' || i / 1000,
        'langfuse.experiment.item.id', 'i' || i / 50 % 20,
        'langfuse.experiment.item.root_observation_id', 'o' || i / 50 * 50))
      else '{"attributes":{"step":1}}' end
    from generate_series(0, ${SPANS - 1}) i`);
  await database.db.execute(sql`vacuum analyze ${observations}, ${traces}`);
});
afterAll(() => database[Symbol.asyncDispose]());

const filter = { projectId: PROJECT };
const READS: Array<[name: string, read: (db: Database) => Promise<unknown[]>, found: number]> = [
  ["a list", (db) => listExperiments(db, { filter: { ...filter, fromUs: 0 }, limit: 50 }), 20],
  ["one", (db) => listExperiments(db, { filter: { ...filter, ids: ["e7"] }, limit: 1 }), 1],
  ["the items of one", (db) => listExperimentItems(db, { filter: { ...filter, ids: ["e7"] }, limit: 50 }), 20],
  ["items by name", (db) => listExperimentItems(db, { filter: { ...filter, names: ["n7"] }, limit: 50 }), 20],
  ["nothing", (db) => listExperiments(db, { filter: { projectId: "other", fromUs: 0 }, limit: 50 }), 0],
];

test.each(READS)("%s reads none but the spans that ran items", async (_, read, found) => {
  expect(await read(database.db)).toHaveLength(found);
  const plan = (await explainStatements(database.url, read)).at(-1) ?? "";
  expect(plan).toMatch(/observations_project_experiment(_time)?_idx/);
  const removed = [...plan.matchAll(/Rows Removed by Filter: (\d+)/g)].map(([, count]) => Number(count));
  expect(Math.max(0, ...removed), plan).toBeLessThanOrEqual(ITEMS);
});

test("the newest items are read and no others", async () => {
  const read = (db: Database) => listExperimentItems(db, { filter: { ...filter, fromUs: 0 }, limit: 50 });
  expect(await read(database.db)).toHaveLength(50);
  const plan = (await explainStatements(database.url, read)).at(-1) ?? "";
  expect(plan).toContain("observations_project_experiment_time_idx");
  expect(plan).not.toContain("Sort");
});
