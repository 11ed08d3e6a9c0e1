import { setTimeout as sleep } from "node:timers/promises";
import { DatasetRunItem, DatasetRunItemList, DatasetRunList, DatasetRunWithItems } from "@xtrace/contract";
import { deleteDatasetItem, upsertDataset, upsertDatasetItem } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { insertObservations, insertTraces } from "../../test/rows.ts";
import { datasetRunsRoutes } from "./dataset-runs.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(datasetRunsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

/** A project with the dataset `d/1`, whose items are `one`, `two` and, archived, `old`. */
async function projectRuns() {
  const projectId = newProject();
  const nothing = { metadata: null, sourceTraceId: null, sourceObservationId: null, expectedOutput: null, input: null };
  const { id: datasetId } = await upsertDataset(app.db, {
    projectId,
    name: "d/1",
    description: null,
    metadata: null,
    inputSchema: null,
    expectedOutputSchema: null,
  });
  for (const [id, status] of [
    ["one", "ACTIVE"],
    ["two", "ACTIVE"],
    ["old", "ARCHIVED"],
  ] as const) {
    await upsertDatasetItem(app.db, { ...nothing, projectId, datasetId, id, status });
  }
  const send = (body: object) => app.send("POST", "/dataset-run-items", body, projectId);
  const pathOf = (run: string) => `/datasets/d%2F1/runs/${encodeURIComponent(run)}`;
  return {
    projectId,
    datasetId,
    send,
    async add(runName: string, datasetItemId: string, more: object = {}): Promise<DatasetRunItem> {
      const { status, body } = await send({ runName, datasetItemId, traceId: `trace of ${datasetItemId}`, ...more });
      if (status !== 200) throw new Error(`expected 200, got ${status}: ${JSON.stringify(body)}`);
      return DatasetRunItem.parse(body);
    },
    run: (name: string) => app.read(DatasetRunWithItems, pathOf(name), {}, projectId),
    getRun: (name: string) => app.get(pathOf(name), {}, projectId),
    remove: (name: string) => app.send("DELETE", pathOf(name), undefined, projectId),
    runs: (params = {}) => app.read(DatasetRunList, "/datasets/d%2F1/runs", params, projectId),
    items: (runName: string, params = {}) =>
      app.read(DatasetRunItemList, "/dataset-run-items", { datasetId, runName, ...params }, projectId),
  };
}

test("a run is made by its first item, and gathers the others", async () => {
  const { add, run, datasetId } = await projectRuns();
  const first = await add("run", "one", { observationId: "o" });
  const second = await add("run", "two");
  expect(first).toMatchObject({
    datasetRunName: "run",
    datasetItemId: "one",
    traceId: "trace of one",
    observationId: "o",
  });
  expect(second).toMatchObject({ datasetRunId: first.datasetRunId, observationId: null });
  expect(await run("run")).toMatchObject({
    id: first.datasetRunId,
    name: "run",
    description: null,
    metadata: {},
    datasetId,
    datasetName: "d/1",
    datasetRunItems: [first, second],
  });
});

test("a run takes what is said of it, and keeps what is not said again", async () => {
  const { add, run } = await projectRuns();
  await add("run", "one");
  await add("run", "two", { runDescription: "why", metadata: { b: 1, a: 2 } });
  await add("run", "one");
  const found = await run("run");
  expect(found).toMatchObject({ description: "why", metadata: { b: 1, a: 2 } });
  expect(found.datasetRunItems).toHaveLength(3);
});

test("fifty at once make one run", async () => {
  const { add, runs, items } = await projectRuns();
  await Promise.all(Array.from({ length: 50 }, (_, index) => add("run", "one", { traceId: `t${index}` })));
  expect((await runs()).meta.totalItems).toBe(1);
  const page = await items("run", { limit: 20, page: 3 });
  expect(page.meta).toEqual({ page: 3, limit: 20, totalItems: 50, totalPages: 3 });
  expect(page.data).toHaveLength(10);
});

test("runs are listed newest first, a page at a time", async () => {
  const { add, runs } = await projectRuns();
  for (const name of ["a", "b", "c"]) await add(name, "one", { runDescription: name });
  const { data, meta } = await runs({ limit: 2 });
  expect(data).toMatchObject([
    { name: "c", description: "c", datasetName: "d/1" },
    { name: "b", description: "b" },
  ]);
  expect(meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2 });
});

test("times and versions can be given", async () => {
  const { add, run, send } = await projectRuns();
  const createdAt = "2026-01-02T03:04:05.678Z";
  expect(await add("run", "one", { createdAt })).toMatchObject({ createdAt, updatedAt: createdAt });
  const datasetVersion = new Date().toISOString();
  await add("versioned", "one", { datasetVersion, metadata: { k: 1 } });
  expect((await run("versioned")).metadata).toEqual({ k: 1, dataset_version: datasetVersion });
  const before = { runName: "r", datasetItemId: "one", traceId: "t", datasetVersion: "2020-01-01T00:00:00Z" };
  expect(await send(before)).toMatchObject({ status: 404, body: { message: "Dataset item not found" } });
});

test("the trace is the observation's when only that is named", async () => {
  const { projectId, add, send } = await projectRuns();
  await insertTraces(app.db, projectId, [{ id: "t" }]);
  await insertObservations(app.db, projectId, "t", [{ id: "o" }]);
  expect(await add("run", "one", { traceId: null, observationId: "o" })).toMatchObject({ traceId: "t" });
  expect(await send({ runName: "run", datasetItemId: "one", observationId: "none" })).toMatchObject({
    status: 404,
    body: { message: "Observation not found" },
  });
});

test("an observation that is still on its way is waited for", async () => {
  const { projectId, add } = await projectRuns();
  const added = add("run", "one", { traceId: null, observationId: "late" });
  await sleep(300);
  await insertTraces(app.db, projectId, [{ id: "t" }]);
  await insertObservations(app.db, projectId, "t", [{ id: "late" }]);
  expect(await added).toMatchObject({ traceId: "t", observationId: "late" });
});

test("what is wrong is refused", async () => {
  const { send, runs } = await projectRuns();
  const item = { runName: "run", datasetItemId: "one", traceId: "t" };
  for (const body of [
    { ...item, runName: "" },
    { ...item, traceId: null },
    { ...item, createdAt: "yesterday" },
    { ...item, datasetVersion: "1" },
    { ...item, datasetItemId: undefined },
    { ...item, runDescription: {} },
  ]) {
    expect.soft((await send(body)).status, JSON.stringify(body)).toBe(400);
  }
  for (const datasetItemId of ["none", "old"]) {
    expect(await send({ ...item, datasetItemId })).toMatchObject({ status: 404 });
  }
  expect((await runs()).data).toEqual([]);
  expect(refused(await app.get("/dataset-run-items", {}))).toEqual(["datasetId", "runName"]);
});

test("a deleted run is gone, and so is what came of a deleted item", async () => {
  const { projectId, add, remove, getRun, run, datasetId } = await projectRuns();
  await add("gone", "one");
  await add("kept", "one");
  await add("kept", "two");
  expect(await remove("gone")).toEqual({ status: 200, body: { message: "Dataset run successfully deleted" } });
  expect(await getRun("gone")).toMatchObject({ status: 404, body: { message: "Dataset run not found" } });
  expect((await remove("gone")).status).toBe(404);
  await deleteDatasetItem(app.db, { projectId, id: "one" });
  expect((await run("kept")).datasetRunItems).toMatchObject([{ datasetItemId: "two" }]);
  expect((await app.get("/dataset-run-items", { datasetId, runName: "gone" }, projectId)).status).toBe(404);
});

test("another project sees, changes and deletes nothing", async () => {
  const mine = await projectRuns();
  const other = await projectRuns();
  await mine.add("run", "one");
  expect((await other.getRun("run")).status).toBe(404);
  expect((await other.remove("run")).status).toBe(404);
  const query = { datasetId: mine.datasetId, runName: "run" };
  expect((await app.get("/dataset-run-items", query, other.projectId)).status).toBe(404);
  expect((await other.runs()).data).toEqual([]);
  expect((await mine.run("run")).datasetRunItems).toHaveLength(1);
});
