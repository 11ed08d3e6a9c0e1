import { ScoreConfig } from "@xtrace/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setupQuery, type Body, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

const newProject = () => query.project({ scopes: ["read", "ingest"] });
const CATEGORIES = [
  { label: "good", value: 1 },
  { label: "bad", value: 0 },
];
const BOOLEAN_CATEGORIES = [
  { label: "True", value: 1 },
  { label: "False", value: 0 },
];

async function create(project: TestProject, body: object): Promise<Body> {
  const answer = await project.send("POST", "/api/public/score-configs", body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(ScoreConfig.parse(answer.body)).toEqual(answer.body);
  return answer.body;
}

describe("a score config", () => {
  test.each([
    [{ dataType: "NUMERIC" }, {}],
    [{ dataType: "NUMERIC", minValue: -1.5, maxValue: 1, description: "How close" }, {}],
    [{ dataType: "NUMERIC", minValue: null, categories: null }, {}],
    [{ dataType: "CATEGORICAL", categories: CATEGORIES }, {}],
    [{ dataType: "BOOLEAN" }, { categories: BOOLEAN_CATEGORIES }],
    [{ dataType: "TEXT" }, {}],
  ])("of %j is created and read back", async (given, made) => {
    const project = newProject();
    const created = await create(project, { name: "quality", ...given });
    const { projectId } = project;
    const absent = { minValue: null, maxValue: null, categories: null, description: null, isArchived: false };
    expect(created).toMatchObject({ projectId, name: "quality", ...absent, ...given, ...made });
    expect((await project.get(`/api/public/score-configs/${created.id}`)).body).toEqual(created);
    const other = await newProject().get(`/api/public/score-configs/${created.id}`);
    expect([other.status, other.body.message]).toEqual([404, "Score config not found within authorized project"]);
  });

  test.each([
    ["maxValue", { dataType: "NUMERIC", minValue: 1, maxValue: 1 }],
    ["categories", { dataType: "NUMERIC", categories: CATEGORIES }],
    ["categories", { dataType: "CATEGORICAL" }],
    ["categories", { dataType: "CATEGORICAL", categories: [...CATEGORIES, { label: "good", value: 2 }] }],
    ["categories", { dataType: "CATEGORICAL", categories: [...CATEGORIES, { label: "fair", value: 1 }] }],
    ["categories.0.label", { dataType: "CATEGORICAL", categories: [{ label: "", value: 1 }] }],
    ["categories.0.value", { dataType: "CATEGORICAL", categories: [{ label: "good" }] }],
    ["minValue", { dataType: "CATEGORICAL", categories: CATEGORIES, minValue: 0 }],
    ["categories", { dataType: "BOOLEAN", categories: BOOLEAN_CATEGORIES }],
    ["dataType", { dataType: "CORRECTION" }],
    ["name", { dataType: "NUMERIC", name: "" }],
    ["name", { dataType: "NUMERIC", name: { length: 1 } }],
  ])("is refused for its %s: %j", async (path, given) => {
    const project = newProject();
    const { status, body } = await project.send("POST", "/api/public/score-configs", { name: "quality", ...given });
    expect([status, body.details?.[0]?.path, body.error[0].path.join(".")]).toEqual([400, path, path]);
    expect((await project.get("/api/public/score-configs")).body.meta.totalItems).toBe(0);
  });

  test("is changed field by field, within what its data type allows", async () => {
    const project = newProject();
    const { id, ...before } = await create(project, { name: "quality", dataType: "NUMERIC", minValue: 0, maxValue: 5 });
    const path = `/api/public/score-configs/${id}`;
    const changes = { isArchived: true, name: "closeness", maxValue: 10, description: "How close" };
    const changed = await project.send("PATCH", path, changes);
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ ...before, id, ...changes, updatedAt: changed.body.updatedAt });
    expect(changed.body.updatedAt >= before.updatedAt).toBe(true);
    for (const [field, body] of [
      ["maxValue", { minValue: 10 }],
      ["categories", { categories: CATEGORIES }],
      ["name", { name: "n".repeat(36) }],
      ["", {}],
    ] as const) {
      const refused = await project.send("PATCH", path, body);
      expect([refused.status, refused.body.details?.[0]?.path], JSON.stringify(body)).toEqual([400, field]);
    }
    expect((await project.get(path)).body).toEqual(changed.body);
    expect((await newProject().send("PATCH", path, { isArchived: false })).status).toBe(404);
  });

  test("of BOOLEAN keeps its categories", async () => {
    const project = newProject();
    const { id } = await create(project, { name: "right", dataType: "BOOLEAN" });
    const path = `/api/public/score-configs/${id}`;
    expect((await project.send("PATCH", path, { categories: CATEGORIES })).status).toBe(400);
    expect((await project.send("PATCH", path, { isArchived: true })).body.categories).toEqual(BOOLEAN_CATEGORIES);
  });
});

test("score configs are listed newest first, by page", async () => {
  const project = newProject();
  for (const name of ["a", "b", "c"]) await create(project, { name, dataType: "NUMERIC" });
  const { body } = await project.get("/api/public/score-configs?limit=2");
  expect(body.data.map(({ name }: Body) => name)).toEqual(["c", "b"]);
  expect(body.meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2 });
  const next = await project.get("/api/public/score-configs?limit=2&page=2");
  expect(next.body.data.map(({ name }: Body) => name)).toEqual(["a"]);
  expect((await project.get("/api/public/score-configs?limit=101")).status).toBe(400);
});
