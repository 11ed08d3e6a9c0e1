import { Dataset, DatasetList, DatasetWithIdsList, DatasetWithItems } from "@xtrace/contract";
import { findDataset, upsertDatasetItem } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { datasetsRoutes } from "./datasets.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(datasetsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

const upsert = async (project: string, body: object, path = "/v2/datasets") =>
  await app.send("POST", path, body, project);
const read = (project: string, name: string) =>
  app.read(Dataset, `/v2/datasets/${encodeURIComponent(name)}`, {}, project);

const NOTHING = {
  input: null,
  expectedOutput: null,
  metadata: null,
  sourceTraceId: null,
  sourceObservationId: null,
  status: null,
};

async function addItem(project: string, name: string, id: string, content: object = {}): Promise<void> {
  const dataset = await findDataset(app.db, { projectId: project, name });
  await upsertDatasetItem(app.db, { ...NOTHING, ...content, projectId: project, datasetId: dataset?.id ?? "", id });
}

test("a dataset is made and read back, by whatever name", async () => {
  const project = newProject();
  for (const name of ["plain", "with / slash + 7?", "100%25", "名前 🚀", "__proto__"]) {
    const { status, body } = await upsert(project, { name });
    expect.soft(status, name).toBe(200);
    expect.soft(await read(project, name)).toEqual(body);
  }
  expect(await read(project, "plain")).toMatchObject({
    name: "plain",
    projectId: project,
    description: null,
    metadata: null,
    inputSchema: null,
    expectedOutputSchema: null,
  });
});

test("a dataset takes what is given and keeps the rest", async () => {
  const project = newProject();
  const { body: first } = await upsert(project, { name: "d", description: "one", metadata: { b: 1, a: 2 } });
  await upsert(project, { name: "d", description: "two", inputSchema: { type: "object" } });
  const now = await read(project, "d");
  expect(now).toMatchObject({
    id: (first as Dataset).id,
    description: "two",
    metadata: { b: 1, a: 2 },
    inputSchema: { type: "object" },
    createdAt: (first as Dataset).createdAt,
  });
  expect((await upsert(project, { name: "d", description: null, metadata: null })).body).toMatchObject({
    description: "two",
    metadata: { b: 1, a: 2 },
  });
});

test("datasets are listed newest first, each project its own", async () => {
  const [project, other] = [newProject(), newProject()];
  for (const name of ["a", "b", "c"]) await upsert(project, { name });
  await upsert(other, { name: "a", description: "theirs" });
  const list = await app.read(DatasetList, "/v2/datasets", { page: 2, limit: 2 }, project);
  expect(list.meta).toEqual({ page: 2, limit: 2, totalItems: 3, totalPages: 2 });
  expect(list.data.map(({ name }) => name)).toEqual(["a"]);
  expect((await read(project, "a")).description).toBeNull();
  expect(await app.get("/v2/datasets/b", {}, other)).toMatchObject({
    status: 404,
    body: { message: "Dataset not found", error: "LangfuseNotFoundError" },
  });
});

test("old clients see a dataset with its items and runs", async () => {
  const project = newProject();
  expect((await upsert(project, { name: "d" }, "/datasets")).body).toMatchObject({ name: "d", items: [], runs: [] });
  await addItem(project, "d", "one");
  await addItem(project, "d", "two");
  await addItem(project, "d", "past", { status: "ARCHIVED" });
  const found = await app.read(DatasetWithItems, "/datasets/d", {}, project);
  expect(found.items).toMatchObject([
    { id: "two", status: "ACTIVE", datasetName: "d", datasetId: found.id, mediaReferences: [] },
    { id: "one" },
  ]);
  const list = await app.read(DatasetWithIdsList, "/datasets", {}, project);
  expect(list.data).toMatchObject([{ name: "d", items: ["two", "one"], runs: [] }]);
  expect((await app.get("/datasets/none", {}, project)).status).toBe(404);
});

test("bad bodies are refused", async () => {
  const project = newProject();
  const bodies = [{}, { name: "" }, { name: "x".repeat(513) }, { name: 1 }, { name: "d", description: 1 }, []];
  for (const body of bodies) expect.soft((await upsert(project, body)).status, JSON.stringify(body)).toBe(400);
  expect((await app.read(DatasetList, "/v2/datasets", {}, project)).data).toEqual([]);
});

test("a schema has to be one, and the items that are there have to fit it", async () => {
  const project = newProject();
  const none = await upsert(project, { name: "d", inputSchema: { type: "nothing" } });
  expect(refused(none)).toEqual(["inputSchema"]);
  expect((await app.get("/v2/datasets/d", {}, project)).status).toBe(404);
  await upsert(project, { name: "d" });
  for (let n = 0; n < 3; n++) await addItem(project, "d", `i${n}`, { input: { n } });
  await addItem(project, "d", "silent");
  const atMostOne = { properties: { n: { maximum: 1 } } };
  const late = await upsert(project, { name: "d", inputSchema: atMostOne });
  expect(refused(late)).toEqual(["inputSchema"]);
  expect(late.body).toMatchObject({ message: "inputSchema: item i2 does not fit: /n must be <= 1" });
  expect((await upsert(project, { name: "d", expectedOutputSchema: atMostOne })).status).toBe(200);
  expect(await read(project, "d")).toMatchObject({ inputSchema: null, expectedOutputSchema: atMostOne });
});
