import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { datasetItems } from "../schema/datasets.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { addDatasetRunItem } from "./add-dataset-run-item.ts";
import type { ExperimentFilter, ExperimentRow } from "./experiment.ts";
import { listExperiments } from "./list-experiments.ts";
import { upsertDataset } from "./upsert-dataset.ts";

const PROJECT = "p";
const HOUR_US = 3_600_000_000;
/** 2026-01-01T00:00:00Z, in Unix epoch microseconds. */
const T0_US = 1_767_225_600_000_000;

let database: TestDatabase;
/** By the hours of their items: runs `a` and `b` and, of spans, `x` and `y`. */
beforeAll(async () => {
  database = await setupDatabase();
  const { db } = database;
  const nothing = { description: null, metadata: null, inputSchema: null, expectedOutputSchema: null };
  const { id: datasetId } = await upsertDataset(db, { projectId: PROJECT, name: "d", ...nothing });
  await db.insert(datasetItems).values({ projectId: PROJECT, id: "i", datasetId, status: "ACTIVE" });
  const told = { projectId: PROJECT, datasetId, itemId: "i", description: null, metadata: null, observationId: null };
  for (const [runName, hour] of [
    ["a", 1],
    ["b", 3],
    ["a", 6],
  ] as const) {
    await addDatasetRunItem(db, { ...told, runName, traceId: "t", createdAtUs: T0_US + hour * HOUR_US });
  }
  await db.insert(traces).values({ projectId: PROJECT, id: "t", timestamp: T0_US, eventStamp: 0 });
  for (const [experiment, hour] of [
    ["x", 2],
    ["x", 5],
    ["y", 4],
  ] as const) {
    const id = `${experiment}${hour}`;
    const attributes = {
      "langfuse.experiment.id": experiment,
      "langfuse.experiment.name": experiment,
      "langfuse.experiment.item.root_observation_id": id,
    };
    const startTime = T0_US + hour * HOUR_US;
    const span = { projectId: PROJECT, id, traceId: "t", startTime, endTime: startTime + 1, eventStamp: 0 };
    await db.insert(observations).values({ ...span, metadata: { attributes } });
  }
  await db.execute(sql`analyze`);
});
afterAll(() => database[Symbol.asyncDispose]());

const hour = (us: number) => (us - T0_US) / HOUR_US;
const at = (hours: number) => T0_US + hours * HOUR_US;

async function list(filter: Partial<ExperimentFilter> = {}, limit = 10): Promise<ExperimentRow[]> {
  return await listExperiments(database.db, { filter: { projectId: PROJECT, ...filter }, limit });
}

test("experiments are listed by when something came of them last", async () => {
  const rows = await list();
  expect(
    rows.map(({ name, startedAt, activeAt, itemCount }) => [name, hour(startedAt), hour(activeAt), itemCount]),
  ).toEqual([
    ["a", 1, 6, 2],
    ["x", 2, 5, 2],
    ["y", 4, 4, 1],
    ["b", 3, 3, 1],
  ]);
});

test("a range shows what happened in it, and those to which nothing did not at all", async () => {
  const shown = async (filter: Partial<ExperimentFilter>) =>
    (await list(filter)).map(({ name, startedAt, activeAt, itemCount }) => [
      name,
      hour(startedAt),
      hour(activeAt),
      itemCount,
    ]);
  expect(await shown({ fromUs: at(4) })).toEqual([
    ["a", 6, 6, 1],
    ["x", 5, 5, 1],
    ["y", 4, 4, 1],
  ]);
  expect(await shown({ fromUs: at(1), toUs: at(5) })).toEqual([
    ["y", 4, 4, 1],
    ["b", 3, 3, 1],
    ["x", 2, 2, 1],
    ["a", 1, 1, 1],
  ]);
});

test("pages go on behind the last activity of the one before", async () => {
  const read: string[] = [];
  let before: { timestampUs: number; id: string } | undefined;
  for (;;) {
    const [row] = await listExperiments(database.db, { filter: { projectId: PROJECT }, before, limit: 1 });
    if (!row) break;
    read.push(row.name);
    before = { timestampUs: row.activeAt, id: row.id };
  }
  expect(read).toEqual(["a", "x", "y", "b"]);
});

test("a run without items is listed by when it was made", async () => {
  const { db } = database;
  const projectId = "emptied";
  const nothing = { description: null, metadata: null, inputSchema: null, expectedOutputSchema: null };
  const { id: datasetId } = await upsertDataset(db, { projectId, name: "d", ...nothing });
  await db.insert(datasetItems).values({ projectId, id: "i", datasetId, status: "ACTIVE" });
  const told = { projectId, datasetId, description: null, metadata: null, traceId: "t", observationId: null };
  await addDatasetRunItem(db, { ...told, itemId: "i", runName: "run", createdAtUs: at(1) });
  await db.delete(datasetItems);
  expect(await list({ projectId })).toMatchObject([{ name: "run", itemCount: 0, startedAt: at(1), activeAt: at(1) }]);
  expect(await list({ projectId, fromUs: at(2) })).toEqual([]);
});
