import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DatasetItem, DatasetItemList } from "@xtrace/contract";
import { datasetItemVersions, media, upsertDataset } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { datasetItemsRoutes } from "./dataset-items.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(datasetItemsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

async function projectItems(...datasets: string[]) {
  const projectId = newProject();
  const nothing = { description: null, metadata: null, inputSchema: null, expectedOutputSchema: null };
  for (const name of datasets) await upsertDataset(app.db, { projectId, name, ...nothing });
  const upsert = (body: object) => app.send("POST", "/dataset-items", body, projectId);
  return {
    projectId,
    upsert,
    async add(body: object): Promise<DatasetItem> {
      const { status, body: item } = await upsert({ datasetName: "d", ...body });
      if (status !== 200) throw new Error(`expected 200, got ${status}: ${JSON.stringify(item)}`);
      return DatasetItem.parse(item);
    },
    list: (params = {}) => app.read(DatasetItemList, "/dataset-items", params, projectId),
    get: (id: string) => app.get(`/dataset-items/${encodeURIComponent(id)}`, {}, projectId),
    remove: (id: string) => app.send("DELETE", `/dataset-items/${encodeURIComponent(id)}`, undefined, projectId),
  };
}

test("an item is read back as it was given", async () => {
  const { add, get } = await projectItems("d");
  const item = await add({
    input: [{ z: 1, a: "x" }],
    expectedOutput: 0,
    metadata: { k: [true] },
    sourceTraceId: "t",
    sourceObservationId: "o",
  });
  expect(item).toMatchObject({
    input: [{ z: 1, a: "x" }],
    expectedOutput: 0,
    metadata: { k: [true] },
    sourceTraceId: "t",
    sourceObservationId: "o",
    status: "ACTIVE",
    datasetName: "d",
    mediaReferences: [],
  });
  expect(await get(item.id)).toEqual({ status: 200, body: item });
  const bare = await add({ input: "" });
  expect(bare).toMatchObject({ input: "", expectedOutput: null, metadata: null, sourceTraceId: null });
  expect(Object.keys(bare)).not.toContain("projectId");
});

test("an item with a known id takes what is given and keeps the rest", async () => {
  const { add, list } = await projectItems("d");
  await add({ id: "a/b c", input: { v: 1 }, expectedOutput: "one" });
  const changed = await add({ id: "a/b c", input: { v: 2 }, expectedOutput: null, status: "ARCHIVED" });
  expect(changed).toMatchObject({ id: "a/b c", input: { v: 2 }, expectedOutput: "one", status: "ARCHIVED" });
  expect((await add({ id: "a/b c", metadata: 1 })).status).toBe("ARCHIVED");
  expect((await list({ datasetName: "d" })).meta.totalItems).toBe(0);
  expect((await add({ id: "a/b c", status: "ACTIVE" })).metadata).toBe(1);
  expect((await list({ datasetName: "d" })).meta.totalItems).toBe(1);
});

test("an archived item is listed as it was, and no more as it is", async () => {
  const { add, get, list, remove } = await projectItems("d");
  for (const id of ["1", "2"]) await add({ id });
  await sleep(5);
  const version = new Date().toISOString();
  await sleep(5);
  await add({ id: "1", status: "ARCHIVED" });
  const now = await list();
  expect([now.meta.totalItems, now.data.map(({ id }) => id)]).toEqual([1, ["2"]]);
  expect(await get("1")).toMatchObject({ status: 200, body: { id: "1", status: "ARCHIVED" } });
  expect((await list({ datasetName: "d", version })).data).toMatchObject([{ id: "2" }, { id: "1", status: "ACTIVE" }]);
  const later = await list({ datasetName: "d", version: new Date().toISOString() });
  expect([later.meta.totalItems, later.data.map(({ id }) => id)]).toEqual([1, ["2"]]);
  expect((await remove("1")).status).toBe(200);
});

test("an id belongs to one dataset", async () => {
  const { add, upsert, get } = await projectItems("d", "e");
  await add({ id: "x", input: 1 });
  const answer = await upsert({ datasetName: "e", id: "x", input: 2 });
  expect(answer).toMatchObject({ status: 404, body: { error: "LangfuseNotFoundError" } });
  expect((await get("x")).body).toMatchObject({ input: 1, datasetName: "d" });
});

test("many changes at once leave one item, and every one of them is kept", async () => {
  const { add, list, projectId } = await projectItems("d");
  await Promise.all(Array.from({ length: 20 }, (_, index) => add({ id: "x", input: index })));
  expect((await list()).meta.totalItems).toBe(1);
  const versions = (await app.db.select().from(datasetItemVersions)).filter((row) => row.projectId === projectId);
  expect(versions.map(({ input }) => input).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 20 }, (_, index) => index),
  );
});

test("items are listed newest first, by what they are from, a page at a time", async () => {
  const { add, list } = await projectItems("d", "e");
  for (const id of ["1", "2", "3"]) await add({ id, sourceTraceId: id === "2" ? "t" : null });
  await add({ id: "4", datasetName: "e", sourceTraceId: "t", sourceObservationId: "o" });
  const ids = async (params = {}) => (await list(params)).data.map(({ id }) => id);
  expect(await ids()).toEqual(["4", "3", "2", "1"]);
  expect(await ids({ datasetName: "d", limit: 2, page: 2 })).toEqual(["1"]);
  expect(await ids({ sourceTraceId: "t" })).toEqual(["4", "2"]);
  expect(await ids({ sourceTraceId: "t", datasetName: "d" })).toEqual(["2"]);
  expect(await ids({ sourceObservationId: "o" })).toEqual(["4"]);
  expect((await list({ datasetName: "d", limit: 2 })).meta).toMatchObject({ totalItems: 3, totalPages: 2 });
  expect(await app.get("/dataset-items", { datasetName: "none" }, newProject())).toMatchObject({ status: 404 });
});

test("a dataset is also found by its name encoded once more", async () => {
  const { add, list, projectId } = await projectItems("größer / 100 %", "100%25", "100%");
  await add({ datasetName: "größer / 100 %", id: "a" });
  await add({ datasetName: "100%25", id: "b" });
  const ids = async (datasetName: string) => (await list({ datasetName })).data.map(({ id }) => id);
  expect(await ids(encodeURIComponent("größer / 100 %"))).toEqual(["a"]);
  expect(await ids("100%25")).toEqual(["b"]);
  for (const datasetName of ["100%20", "%", "%00", "%%0000"]) {
    expect.soft(await app.get("/dataset-items", { datasetName }, projectId)).toMatchObject({
      status: 404,
      body: { message: "Dataset not found" },
    });
  }
});

test("a dataset can be read as it was", async () => {
  const { add, list } = await projectItems("d");
  await add({ id: "1", input: "old" });
  await sleep(5);
  const version = new Date().toISOString();
  await sleep(5);
  await add({ id: "1", input: "new" });
  await add({ id: "2", input: "later" });
  const then = await list({ datasetName: "d", version });
  expect(then.data).toMatchObject([{ id: "1", input: "old", datasetName: "d" }]);
  expect(then.meta.totalItems).toBe(1);
  const now = await list({ datasetName: "d" });
  expect(now.data).toMatchObject([{ id: "2" }, { id: "1", input: "new" }]);
  expect(then.data[0]?.createdAt).toBe(now.data[1]?.createdAt);
  expect((await list({ datasetName: "d", version: "2020-01-01T00:00:00Z" })).data).toEqual([]);
  expect(refused(await app.get("/dataset-items", { version }))).toEqual(["datasetName"]);
});

test("the times of an item, given as a version, have the item in it", async () => {
  const { add, list } = await projectItems("d");
  const made = await add({ id: "1", input: "old" });
  await sleep(5);
  const changed = await add({ id: "1", input: "new" });
  await sleep(5);
  await add({ id: "2" });
  expect((await list({ datasetName: "d", version: made.createdAt })).data).toMatchObject([{ input: "old" }]);
  expect((await list({ datasetName: "d", version: changed.updatedAt })).data).toMatchObject([{ input: "new" }]);
});

test("a deleted item is gone, with all that it was", async () => {
  const { add, get, remove, list, projectId } = await projectItems("d");
  await add({ id: "x" });
  await add({ id: "x", input: 1 });
  expect(await remove("x")).toEqual({ status: 200, body: { message: "Dataset item successfully deleted" } });
  expect(await get("x")).toMatchObject({ status: 404, body: { message: "Dataset item not found" } });
  expect((await remove("x")).status).toBe(404);
  expect((await list({ datasetName: "d", version: new Date().toISOString() })).data).toEqual([]);
  const versions = (await app.db.select().from(datasetItemVersions)).filter((row) => row.projectId === projectId);
  expect(versions).toEqual([]);
});

test("another project sees, changes and deletes nothing", async () => {
  const mine = await projectItems("d");
  const other = await projectItems("d");
  await mine.add({ id: "x", input: "mine" });
  expect((await other.get("x")).status).toBe(404);
  expect((await other.remove("x")).status).toBe(404);
  expect((await other.list()).data).toEqual([]);
  await other.add({ id: "x", input: "theirs" });
  expect((await mine.get("x")).body).toMatchObject({ input: "mine" });
});

test("bad bodies are refused", async () => {
  const { upsert, list } = await projectItems("d");
  expect((await upsert({ datasetName: "none" })).status).toBe(404);
  const bad = [{ id: "" }, { id: "x".repeat(256) }, { status: "GONE" }, { sourceTraceId: 1 }, { datasetName: null }];
  for (const body of bad) {
    expect.soft((await upsert({ datasetName: "d", ...body })).status, JSON.stringify(body)).toBe(400);
  }
  expect((await list()).data).toEqual([]);
});

test("an item has to fit the schemas of its dataset", async () => {
  const { projectId, upsert, get } = await projectItems("free");
  const schemas = { inputSchema: { type: "object", required: ["q"] }, expectedOutputSchema: { type: "string" } };
  await upsertDataset(app.db, { projectId, name: "strict", description: null, metadata: null, ...schemas });
  const item = { datasetName: "strict", id: "i", input: { q: 1 }, expectedOutput: "a" };
  expect((await upsert(item)).status).toBe(200);
  const without = await upsert({ ...item, input: {} });
  expect(refused(without)).toEqual(["input"]);
  expect(without.body).toMatchObject({
    message: "input: does not fit the dataset's inputSchema: must have required property 'q'",
  });
  expect(refused(await upsert({ ...item, expectedOutput: 7 }))).toEqual(["expectedOutput"]);
  expect((await upsert({ datasetName: "strict", id: "silent" })).status).toBe(200);
  expect((await upsert({ ...item, id: "other", datasetName: "free", input: 1, expectedOutput: 7 })).status).toBe(200);
  expect((await get("i")).body).toMatchObject({ input: { q: 1 }, expectedOutput: "a" });
});

test("files that an item names are resolved, as far as they are there", async () => {
  const { projectId, add, get, list } = await projectItems("d");
  const stored = { sha256: "x", contentType: "image/png", contentLength: 3 };
  await app.db.insert(media).values([
    { projectId, id: "there", uploadId: randomUUID(), ...stored },
    { projectId, id: "announced", ...stored },
    { projectId: newProject(), id: "theirs", uploadId: randomUUID(), ...stored },
  ]);
  const reference = (id: string) => `@@@langfuseMedia:type=image/png|id=${id}|source=bytes@@@`;
  const item = await add({
    id: "i",
    input: { image: reference("there") },
    expectedOutput: [reference("announced"), reference("theirs"), reference("nowhere")],
    metadata: { note: `as in ${reference("there")}` },
  });
  const resolved = { mediaId: "there", contentType: "image/png", contentLength: 3 };
  expect(item.mediaReferences).toMatchObject([
    { field: "input", referenceString: reference("there"), jsonPath: "$['image']", media: resolved },
    { field: "metadata", referenceString: reference("there"), jsonPath: "$['note']", media: resolved },
  ]);
  expect(item.mediaReferences[0]?.media.url).toMatch(/^http.*\/api\/public\/media\/there\/download\?/);
  expect((await get("i")).body).toEqual(item);
  expect((await list()).data).toEqual([item]);
});
