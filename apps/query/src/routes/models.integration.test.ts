import { Model, ModelList } from "@xtrace/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, refused, startRoutes, type RouteApp } from "../../test/route-app.ts";
import { modelsRoutes } from "./models.ts";

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(modelsRoutes);
});
afterAll(() => app[Symbol.asyncDispose]());

const FLAT = { modelName: "mine", matchPattern: "(?i)^mine$", unit: "TOKENS", inputPrice: 0.002, outputPrice: 0.004 };

const TIERS = [
  { name: "Standard", isDefault: true, priority: 0, conditions: [], prices: { input: 0.1, output: 0.2 } },
  {
    name: "Long",
    priority: 1,
    conditions: [{ usageDetailPattern: "^input", operator: "gt", value: 200 }],
    prices: { input: 0.2, output: 0.4 },
  },
];

async function create(projectId: string, body: object): Promise<Model> {
  const answer = await app.send("POST", "/models", body, projectId);
  expect(answer.status).toBe(200);
  return Model.parse(answer.body);
}

describe("making a model", () => {
  test("with prices: a default tier of them", async () => {
    const projectId = newProject();
    const { body } = await app.send("POST", "/models", { ...FLAT, startDate: "2026-01-02T03:04:05+01:00" }, projectId);
    const { id } = Model.parse(body);
    expect(body).toEqual({
      id,
      modelName: "mine",
      matchPattern: "(?i)^mine$",
      startDate: "2026-01-02T02:04:05.000Z",
      unit: "TOKENS",
      inputPrice: 0.002,
      outputPrice: 0.004,
      totalPrice: null,
      tokenizerId: null,
      tokenizerConfig: null,
      isLangfuseManaged: false,
      createdAt: expect.any(String),
      prices: { input: { price: 0.002 }, output: { price: 0.004 } },
      pricingTiers: [
        {
          id: `${id}_tier_default`,
          name: "Standard",
          isDefault: true,
          priority: 0,
          conditions: [],
          prices: { input: 0.002, output: 0.004 },
        },
      ],
    });
    expect(await app.read(Model, `/models/${id}`, {}, projectId)).toEqual(body);
  });

  test("with tiers, in their order", async () => {
    const { inputPrice, pricingTiers, tokenizerConfig } = await create(newProject(), {
      modelName: "tiered",
      matchPattern: "^tiered$",
      unit: "TOKENS",
      pricingTiers: TIERS.toReversed(),
      tokenizerId: "openai",
      tokenizerConfig: { tokensPerName: 1 },
    });
    expect(inputPrice).toBe(0.1);
    expect(tokenizerConfig).toEqual({ tokensPerName: 1 });
    expect(pricingTiers.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["Standard", true],
      ["Long", false],
    ]);
    expect(pricingTiers[1]?.conditions).toEqual([
      { usageDetailPattern: "^input", operator: "gt", value: 200, caseSensitive: false },
    ]);
    expect(new Set(pricingTiers.map(({ id }) => id)).size).toBe(2);
  });

  test.each([
    ["matchPattern", { matchPattern: "(a+)+" }],
    ["matchPattern", { matchPattern: "(" }],
    ["matchPattern", { matchPattern: "" }],
    ["matchPattern", { matchPattern: "x".repeat(1_001) }],
    ["modelName", { modelName: "" }],
    ["unit", { unit: "BANANAS" }],
    ["startDate", { startDate: "yesterday" }],
    ["inputPrice", { inputPrice: -1 }],
    ["totalPrice", { totalPrice: 1 }],
    ["tokenizerId", { tokenizerId: "mine" }],
    ["pricingTiers", { inputPrice: null, outputPrice: null }],
    ["pricingTiers", { pricingTiers: TIERS }],
  ])("refuses a bad %s by name", async (field, change) => {
    const answer = await app.send("POST", "/models", { ...FLAT, ...change }, newProject());
    expect(refused(answer)).toContain(field);
  });

  test.each([
    ["no default", TIERS.slice(1)],
    ["two defaults", TIERS.map((tier) => ({ ...tier, isDefault: true }))],
    ["a default with a priority", [{ ...TIERS[0], priority: 2 }, TIERS[1]]],
    ["a tier without a condition", [TIERS[0], { ...TIERS[1], conditions: [] }]],
    ["a tier without prices", [{ ...TIERS[0], prices: {} }]],
    ["other usage keys", [TIERS[0], { ...TIERS[1], prices: { input: 1 } }]],
    ["one name twice", [TIERS[0], { ...TIERS[1], name: "Standard" }]],
    ["one priority twice", [TIERS[0], { ...TIERS[1], priority: 0 }]],
  ])("refuses tiers with %s", async (_, pricingTiers) => {
    const body = { modelName: "m", matchPattern: "^m$", unit: "TOKENS", pricingTiers };
    expect(refused(await app.send("POST", "/models", body, newProject()))).toContain("pricingTiers");
  });

  test("refuses the pattern of a condition by its place", async () => {
    const bad = { ...TIERS[1], conditions: [{ usageDetailPattern: "(a*)*", operator: "gt", value: 1 }] };
    const body = { modelName: "m", matchPattern: "^m$", unit: "TOKENS", pricingTiers: [TIERS[0], bad] };
    const answer = await app.send("POST", "/models", body, newProject());
    expect(refused(answer)).toEqual(["pricingTiers.1.conditions.0.usageDetailPattern"]);
  });

  test("refuses a name that the project has", async () => {
    const projectId = newProject();
    await create(projectId, FLAT);
    const again = await app.send("POST", "/models", FLAT, projectId);
    expect(again).toMatchObject({ status: 400, body: { message: "Model name 'mine' already exists in project" } });
    expect(refused(again)).toEqual(["modelName"]);
    await create(newProject(), FLAT);
  });
});

describe("PUT", () => {
  test("makes a model of an id, and replaces it", async () => {
    const projectId = newProject();
    const put = (body: object) => app.send("PUT", "/models/my-id", body, projectId);
    expect(await put(FLAT)).toMatchObject({ status: 200, body: { id: "my-id", inputPrice: 0.002 } });
    expect(await put({ ...FLAT, inputPrice: 1 })).toMatchObject({ status: 200, body: { id: "my-id", inputPrice: 1 } });
    const { data } = await app.read(ModelList, "/models", { limit: 1 }, projectId);
    expect(data).toMatchObject([{ id: "my-id", inputPrice: 1 }]);
  });

  test("does not touch a built-in model", async () => {
    expect(await app.send("PUT", "/models/openai.gpt-4o", FLAT, newProject())).toMatchObject({ status: 404 });
  });
});

describe("reading", () => {
  test("a project's own models first, then those that everybody has", async () => {
    const projectId = newProject();
    const { id } = await create(projectId, FLAT);
    const { data, meta } = await app.read(ModelList, "/models", { limit: 2 }, projectId);
    expect(data.map(({ isLangfuseManaged }) => isLangfuseManaged)).toEqual([false, true]);
    expect(data[0]?.id).toBe(id);
    expect(meta).toMatchObject({ page: 1, limit: 2, totalPages: Math.ceil(meta.totalItems / 2) });
    const all = await Promise.all(
      Array.from({ length: Math.ceil(meta.totalItems / 100) }, (_, page) =>
        app.read(ModelList, "/models", { page: page + 1, limit: 100 }, projectId),
      ),
    );
    const ids = all.flatMap((page) => page.data.map((model) => model.id));
    expect(new Set(ids).size).toBe(meta.totalItems);
    expect((await app.get("/models", { limit: 101 }, projectId)).status).toBe(400);
    const stranger = await app.read(ModelList, "/models", { limit: 1 }, newProject());
    expect(stranger.meta.totalItems).toBe(meta.totalItems - 1);
  });

  test("a built-in model by its id", async () => {
    const model = await app.read(Model, "/models/openai.gpt-4o", {}, newProject());
    expect(model).toMatchObject({
      modelName: "gpt-4o",
      isLangfuseManaged: true,
      inputPrice: 0.000_002_5,
      outputPrice: 0.000_01,
      prices: { input_cached_tokens: { price: 0.000_001_25 } },
    });
  });

  test("nothing of another project's", async () => {
    const { id } = await create(newProject(), FLAT);
    expect(await app.get(`/models/${id}`, {}, newProject())).toMatchObject({
      status: 404,
      body: { message: "No model with this id found.", error: "LangfuseNotFoundError" },
    });
  });
});

describe("deleting", () => {
  test("takes a model of the project's, once", async () => {
    const projectId = newProject();
    const { id } = await create(projectId, FLAT);
    expect(await app.send("DELETE", `/models/${id}`, undefined, newProject())).toMatchObject({ status: 404 });
    expect(await app.send("DELETE", `/models/${id}`, undefined, projectId)).toEqual({
      status: 200,
      body: { message: "Model successfully deleted" },
    });
    expect(await app.send("DELETE", `/models/${id}`, undefined, projectId)).toMatchObject({ status: 404 });
  });

  test("takes no built-in one", async () => {
    expect(await app.send("DELETE", "/models/openai.gpt-4o", undefined, newProject())).toMatchObject({ status: 404 });
  });
});
