import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertObservations, insertScores, insertTraces } from "../../test/rows.ts";
import { SECOND_US, setupQuery, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
let project: TestProject;
beforeAll(async () => {
  query = await setupQuery();
  project = query.project();
  const { db } = query.database;
  await insertTraces(db, project.projectId, [
    {
      id: "a",
      timestamp: T0_US,
      name: "100%_sure",
      userId: "u1",
      environment: "prod",
      tags: ["x", "y"],
      public: true,
      metadata: { tier: "gold", n: 3, ok: true, text: "7" },
      totalCost: "0.5",
      totalTokens: 10,
      firstStartTime: T0_US,
      lastEndTime: T0_US + 2 * SECOND_US,
    },
    { id: "b", timestamp: T0_US + SECOND_US, name: "other", tags: ["x"], metadata: { tier: "silver", n: "3" } },
    { id: "c", timestamp: T0_US + 2 * SECOND_US },
  ]);
  await insertObservations(db, project.projectId, "a", [
    {
      id: "o1",
      type: "GENERATION",
      level: "ERROR",
      endTime: T0_US + 2 * SECOND_US,
      completionStartTime: T0_US + SECOND_US,
      completionTokens: 20,
      promptVersion: "12",
      metadata: { k: "v", scope: { name: "sdk", attributes: { "public.key": "pk" } }, "a.b": 1, a: { b: 2 } },
      costDetails: { input: 0.1, input_cached: 0.2, output: 0.5 },
      input: "What is a Needle?",
      output: { text: "a needle" },
    },
    {
      id: "o2",
      level: "WARNING",
      calculatedCosts: { output: 0.25, total: 0.25 },
      startTime: T0_US + 1,
      parentObservationId: "o1",
      promptVersion: "latest",
    },
  ]);
  await insertObservations(db, project.projectId, "b", [{ id: "o3", startTime: T0_US + 2 }]);
  const categorical = { name: "kind", dataType: "CATEGORICAL", value: null } as const;
  const boolean = { name: "right", dataType: "BOOLEAN" } as const;
  await insertScores(db, project.projectId, [
    { traceId: "a", value: 0.5 },
    { traceId: "a", value: 1 },
    { traceId: "b", value: 0.2 },
    { ...categorical, traceId: "a", stringValue: "bad" },
    { ...categorical, traceId: "a", stringValue: "good", timestamp: T0_US + 1 },
    { ...boolean, traceId: "a", value: 1 },
    { ...boolean, traceId: "b", value: 0 },
  ]);
});
afterAll(() => query[Symbol.asyncDispose]());

async function read(path: string, filter: unknown, more = ""): Promise<string[]> {
  const text = encodeURIComponent(JSON.stringify(filter));
  const { status, body } = await project.get(`/api/public/${path}?filter=${text}${more}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.map(({ id }: { id: string }) => id);
}

const c = (type: string, column: string, operator: string, value: unknown, key?: string) => ({
  type,
  column,
  operator,
  value,
  ...(key === undefined ? {} : { key }),
});

describe("filter on traces", () => {
  test.each([
    [c("string", "name", "=", "other"), "b"],
    [c("string", "name", "<>", "other"), "ca"],
    [c("string", "name", "contains", "0%_s"), "a"],
    [c("string", "name", "contains", "0_s"), ""],
    [c("string", "name", "does not contain", "sure"), "cb"],
    [c("string", "name", "starts with", "100%"), "a"],
    [c("string", "name", "ends with", "her"), "b"],
    [c("string", "environment", "=", "default"), "cb"],
    [c("stringOptions", "name", "any of", ["other", "nope"]), "b"],
    [c("stringOptions", "name", "none of", ["other"]), "ca"],
    [c("stringOptions", "name", "any of", []), ""],
    [c("datetime", "timestamp", ">=", "2026-01-01T00:00:01Z"), "cb"],
    [c("datetime", "timestamp", "<", "2026-01-01T01:00:01+01:00"), "a"],
    [c("datetime", "timestamp", ">", "2026-01-01T00:00:00"), "cb"],
    [c("datetime", "timestamp", ">", "2026-01-01"), "cb"],
    [c("number", "latency", ">", 1.5), "a"],
    [c("number", "totalCost", "<=", 0), "cb"],
    [c("number", "totalTokens", "=", 10), "a"],
    [c("number", "latency", "<>", 2), "cb"],
    [c("boolean", "public", "=", true), "a"],
    [c("boolean", "public", "<>", true), "cb"],
    [c("null", "userId", "is null", ""), "cb"],
    [c("null", "userId", "is not null", ""), "a"],
    [c("arrayOptions", "tags", "any of", ["y", "z"]), "a"],
    [c("arrayOptions", "tags", "all of", ["x"]), "ba"],
    [c("arrayOptions", "tags", "none of", ["y"]), "cb"],
    [c("categoryOptions", "metadata", "any of", ["gold"], "tier"), "a"],
    [c("categoryOptions", "metadata", "none of", ["gold"], "tier"), "cb"],
    [c("stringObject", "metadata", "=", "silver", "tier"), "b"],
    [c("stringObject", "metadata", "contains", "ol", "tier"), "a"],
    [c("numberObject", "metadata", ">=", 3, "n"), "a"],
    [c("number", "tokens", "=", 10), "a"],
    [c("number", "inputCost", "=", 0.3), "a"],
    [c("number", "outputCost", "=", 0), "cb"],
    [c("stringOptions", "level", "any of", ["ERROR"]), "a"],
    [c("string", "level", "=", "DEFAULT"), "cb"],
    [c("number", "warningCount", "=", 1), "a"],
    [c("number", "defaultCount", ">", 0), "b"],
    [c("number", "debugCount", "=", 0), "cba"],
    [c("numberObject", "scores_avg", "=", 0.75, "quality"), "a"],
    [c("numberObject", "scores", "<", 0.5, "quality"), "b"],
    [c("categoryOptions", "score_categories", "any of", ["good"], "kind"), "a"],
    [c("categoryOptions", "score_categories", "any of", ["bad"], "kind"), ""],
    [c("booleanObject", "score_booleans", "=", true, "right"), "a"],
    [c("booleanObject", "score_booleans", "<>", true, "right"), "cb"],
    [c("booleanObject", "metadata", "=", true, "ok"), "a"],
    [c("booleanObject", "metadata", "<>", true, "ok"), "cb"],
  ])("%j", async (condition, expected) => {
    expect((await read("traces", [condition])).join("")).toBe(expected);
  });

  test("holds all conditions, and goes before a parameter on the same column only", async () => {
    const both = [c("string", "name", "starts with", "o"), c("arrayOptions", "tags", "all of", ["x"])];
    expect(await read("traces", both)).toEqual(["b"]);
    expect(await read("traces", both, "&name=100%25_sure")).toEqual(["b"]);
    expect(await read("traces", both, "&userId=u1")).toEqual([]);
    const time = [c("datetime", "timestamp", ">", "2026-01-01T00:00:00Z")];
    expect(await read("traces", time, "&toTimestamp=2000-01-01T00:00:00Z&environment=default")).toEqual(["c", "b"]);
    expect(await read("traces", [])).toEqual(["c", "b", "a"]);
  });

  test("is counted", async () => {
    const text = encodeURIComponent(JSON.stringify([c("number", "totalTokens", "=", 0)]));
    const { body } = await project.get(`/api/public/traces?limit=1&filter=${text}`);
    expect(body.meta).toMatchObject({ totalItems: 2, totalItemsExact: true });
  });

  test("quotes keys and values", async () => {
    const hostile = "'; drop table traces; --";
    expect(await read("traces", [c("stringObject", "metadata", "=", hostile, hostile)])).toEqual([]);
    expect((await project.get("/api/public/traces")).status).toBe(200);
  });
});

describe("filter on observations", () => {
  test.each([
    [c("string", "type", "=", "SPAN"), ["o3", "o2"]],
    [c("stringOptions", "level", "any of", ["ERROR"]), ["o1"]],
    [c("string", "userId", "=", "u1"), ["o2", "o1"]],
    [c("string", "traceName", "=", "other"), ["o3"]],
    [c("arrayOptions", "traceTags", "any of", ["y"]), ["o2", "o1"]],
    [c("boolean", "isRootObservation", "=", true), ["o3", "o1"]],
    [c("number", "latency", ">", 1), ["o1"]],
    [c("number", "timeToFirstToken", "=", 1), ["o1"]],
    [c("number", "tokensPerSecond", ">=", 10), ["o1"]],
    [c("number", "promptVersion", "=", 12), ["o1"]],
    [c("stringObject", "metadata", "=", "v", "k"), ["o1"]],
    [c("null", "endTime", "is null", ""), ["o3", "o2"]],
    [c("number", "inputCost", "=", 0.3), ["o1"]],
    [c("number", "outputCost", ">", 0.4), ["o1"]],
    [c("number", "outputCost", "=", 0.25), ["o2"]],
    [c("string", "traceEnvironment", "=", "prod"), ["o2", "o1"]],
    [c("stringObject", "metadata", "matches", "v", "k"), ["o1"]],
    [c("stringObject", "metadata", "matches", "V", "k"), []],
    [c("stringObject", "metadata", "=", "sdk", "scope.name"), ["o1"]],
    [c("stringObject", "metadata", "=", "pk", "scope.attributes.public.key"), ["o1"]],
    [c("numberObject", "metadata", "=", 1, "a.b"), ["o1"]],
    [c("numberObject", "metadata", "=", 2, "a.b"), []],
    [c("stringObject", "metadata", "=", "v", `k${".".repeat(1_000)}`), []],
  ])("%j", async (condition, expected) => {
    expect(await read("observations", [condition])).toEqual(expected);
    expect(await read("v2/observations", [condition])).toEqual(expected);
  });

  test.each([
    [[c("string", "input", "matches", "NEEDLE?")], ["o1"]],
    [[c("string", "input", "=", "What is a Needle?")], ["o1"]],
    [[c("string", "output", "matches", "a needle"), c("string", "input", "starts with", "What")], ["o1"]],
    [[c("string", "output", "matches", "_needle")], []],
  ])("looks through what was said: %j", async (conditions, expected) => {
    expect(await read("v2/observations", conditions)).toEqual(expected);
  });

  test.each([
    ["v2/observations", [c("string", "input", "contains", "x")], "filter"],
    ["v2/observations", [c("string", "name", "matches", "x")], "filter.0.column"],
    ["observations", [c("string", "input", "matches", "x")], "filter.0.column"],
    ["traces", [c("stringObject", "metadata", "matches", "x", "k")], "filter.0.column"],
  ])("%s does not look through everything: %j", async (path, conditions, place) => {
    const text = encodeURIComponent(JSON.stringify(conditions));
    const { status, body } = await project.get(`/api/public/${path}?filter=${text}`);
    expect([status, body.details?.[0]?.path]).toEqual([400, place]);
  });

  test("goes before the parameters on the same columns", async () => {
    const root = [c("boolean", "isRootObservation", "=", true)];
    expect(await read("v2/observations", root, "&isRootObservation=false&level=ERROR")).toEqual(["o1"]);
  });
});

test.each([
  ["{", "filter"],
  ["{}", "filter"],
  ["null", "filter"],
  [JSON.stringify([c("string", "name", "like", "x")]), "filter.0.operator"],
  [JSON.stringify([c("string", "name", "=", "x"), c("string", "secret", "=", "x")]), "filter.1.column"],
  [JSON.stringify([c("string", "__proto__", "=", "x")]), "filter.0.column"],
  [JSON.stringify([c("number", "name", "=", 1)]), "filter.0.column"],
  [JSON.stringify([c("string", "name", "=", 1)]), "filter.0.value"],
  [JSON.stringify([c("string", "name", "=", "\u0000")]), "filter.0.value"],
  [JSON.stringify([c("datetime", "timestamp", ">", "now")]), "filter.0.value"],
  [JSON.stringify([c("stringObject", "metadata", "=", "x")]), "filter.0.key"],
  [JSON.stringify(Array.from({ length: 51 }, () => c("string", "name", "=", "x"))), "filter"],
])("filter=%s is refused by its place", async (text, path) => {
  const { status, body } = await project.get(`/api/public/traces?filter=${encodeURIComponent(text)}`);
  expect([status, body.details?.[0]?.path]).toEqual([400, path]);
});
