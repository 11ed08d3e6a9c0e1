import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { datasetItems } from "../schema/datasets.ts";
import { upsertDatasetItem } from "./upsert-dataset-item.ts";
import { upsertDataset } from "./upsert-dataset.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await setupDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const PROJECT = "p";
const SCHEMA = { type: "string" };
const NO_DATASET = { description: null, metadata: null, inputSchema: null, expectedOutputSchema: null };
const NO_ITEM = { expectedOutput: null, metadata: null, sourceTraceId: null, sourceObservationId: null, status: null };

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function makeDataset(name: string) {
  return await upsertDataset(database.db, { ...NO_DATASET, projectId: PROJECT, name });
}

test("an item that comes while a schema is being set is checked by it", async () => {
  const { id: datasetId } = await makeDataset("first");
  const [{ opened, open }, order] = [gate(), new Array<unknown>()];
  const setting = upsertDataset(
    database.db,
    { ...NO_DATASET, projectId: PROJECT, name: "first", inputSchema: SCHEMA },
    async (items) => {
      for await (const slice of items) order.push(slice.length);
      order.push("items are read");
      await opened;
    },
  );
  while (order.length === 0) await sleep(5);
  const item = { ...NO_ITEM, projectId: PROJECT, datasetId, id: "late", input: 1 };
  const adding = upsertDatasetItem(database.db, item, async ({ inputSchema }) => {
    order.push(inputSchema);
  });
  await sleep(100);
  expect(order).toEqual(["items are read"]);
  open();
  await Promise.all([setting, adding]);
  expect(order).toEqual(["items are read", SCHEMA]);
});

test("a schema that comes while an item is being written meets the item", async () => {
  const { id: datasetId } = await makeDataset("second");
  const [{ opened, open }, order] = [gate(), new Array<unknown>()];
  const item = { ...NO_ITEM, projectId: PROJECT, datasetId, id: "early", input: 1 };
  const adding = upsertDatasetItem(database.db, item, async ({ inputSchema }) => {
    order.push(inputSchema);
    await opened;
  });
  while (order.length === 0) await sleep(5);
  const setting = upsertDataset(
    database.db,
    { ...NO_DATASET, projectId: PROJECT, name: "second", inputSchema: SCHEMA },
    async (items) => {
      for await (const slice of items) order.push(...slice.map(({ id, input }) => ({ id, input })));
      throw new Error("does not fit");
    },
  );
  await sleep(100);
  expect(order).toEqual([null]);
  open();
  await expect(setting).rejects.toThrow("does not fit");
  expect(await adding).toMatchObject({ id: "early" });
  expect(order).toEqual([null, { id: "early", input: 1 }]);
  expect(await makeDataset("second")).toMatchObject({ inputSchema: null });
});

test("all items are read, a slice at a time, also those of one instant", async () => {
  const { id: datasetId } = await makeDataset("large");
  await database.db.execute(sql`
    insert into ${datasetItems} (project_id, id, dataset_id, status, input, created_at)
    select ${PROJECT}, 'i' || n, ${datasetId}, 'ACTIVE', to_json(n), timestamptz '2026-01-01T00:00:00.000001Z' + n / 700 * interval '1 microsecond'
    from generate_series(0, 1499) n`);
  const slices: unknown[][] = [];
  const large = { ...NO_DATASET, projectId: PROJECT, name: "large", inputSchema: SCHEMA };
  await upsertDataset(database.db, large, async (items) => {
    for await (const slice of items) slices.push(slice.map(({ input }) => input));
  });
  expect(slices.map(({ length }) => length)).toEqual([500, 500, 500]);
  expect(new Set(slices.flat()).size).toBe(1_500);
});
