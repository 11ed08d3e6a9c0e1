import { AnalyticsRows } from "@xtrace/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertObservations, insertScores, insertTraces } from "../../test/rows.ts";
import { setupQuery, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
let project: TestProject;
beforeAll(async () => {
  query = await setupQuery();
  project = query.project();
  await insertTraces(query.database.db, project.projectId, [{ id: "t", userId: "ada" }]);
  await insertObservations(query.database.db, project.projectId, "t", [{ name: "a" }, { name: "a" }, { name: "b" }]);
});
afterAll(() => query[Symbol.asyncDispose]());

const ASKED = {
  view: "observations",
  dimensions: [{ field: "name" }],
  metrics: [{ measure: "count", aggregation: "count" }],
  fromTimestamp: "2026-01-01T00:00:00Z",
  toTimestamp: "2026-01-02T00:00:00Z",
};
const byUser = { dimensions: [{ field: "userId" }] };
const largest = { orderBy: [{ field: "count_count", direction: "desc" }], config: { row_limit: 5 } };

function ask(path: "metrics" | "v2/metrics", asked: unknown, key = project) {
  const text = typeof asked === "string" ? asked : JSON.stringify(asked);
  return key.get(`/api/public/${path}?query=${encodeURIComponent(text)}`);
}

describe.each(["metrics", "v2/metrics"] as const)("GET /%s", (path) => {
  test("answers the groups", async () => {
    const { status, body } = await ask(path, ASKED);
    expect(status).toBe(200);
    expect(AnalyticsRows.strict().parse(body).data).toEqual([
      { name: "a", count_count: 2 },
      { name: "b", count_count: 1 },
    ]);
    expect((await ask(path, ASKED, query.project())).body).toEqual({ data: [] });
  });

  test.each([
    ["query", ""],
    ["query", "{"],
    ["query", "[]"],
    ["query.view", { ...ASKED, view: "users" }],
    ["query.metrics", { ...ASKED, metrics: [] }],
    ["query.metrics", { ...ASKED, metrics: { length: { toString: 1 } } }],
    ["query.metrics.0.measure", { ...ASKED, metrics: [{ measure: "price", aggregation: "sum" }] }],
    ["query.metrics.0.measure", { ...ASKED, metrics: [{ measure: "__proto__", aggregation: "sum" }] }],
    ["query.metrics.0.aggregation", { ...ASKED, metrics: [{ measure: "latency", aggregation: "p42" }] }],
    ["query.dimensions.0.field", { ...ASKED, dimensions: [{ field: "name; drop table traces" }] }],
    [
      "query.filters.0.column",
      { ...ASKED, filters: [{ type: "string", column: "secret", operator: "=", value: "x" }] },
    ],
    ["query.filters.0.column", { ...ASKED, filters: [{ type: "string", column: "tags", operator: "=", value: "x" }] }],
    ["query.orderBy.0.field", { ...ASKED, orderBy: [{ field: "sum_latency", direction: "asc" }] }],
    ["query.timeDimension.granularity", { ...ASKED, timeDimension: { granularity: "year" } }],
    ["query.toTimestamp", { ...ASKED, toTimestamp: ASKED.fromTimestamp }],
    ["query.fromTimestamp", { ...ASKED, fromTimestamp: "yesterday" }],
    ["query.config.row_limit", { ...ASKED, config: { row_limit: 1_001 } }],
    ["query.config.bins", { ...ASKED, config: { bins: 101 } }],
  ])("refuses by its place: %s", async (place, asked) => {
    const { status, body } = await ask(path, asked);
    expect([status, body.error[0].path.join("."), body.details?.[0]?.path]).toEqual([400, place, place]);
  });
});

test("groups and filters by what is true or false", async () => {
  const key = query.project();
  const { projectId } = key;
  const { db } = query.database;
  await insertTraces(db, projectId, [{ id: "t" }]);
  const appRoot = { attributes: { "langfuse.internal.is_app_root": true } };
  await insertObservations(db, projectId, "t", [
    {},
    { parentObservationId: "elsewhere", metadata: appRoot },
    { parentObservationId: "elsewhere" },
  ]);
  const boolean = { traceId: "t", name: "right", dataType: "BOOLEAN", timestamp: T0_US } as const;
  await insertScores(db, projectId, [
    { ...boolean, value: 1 },
    { ...boolean, value: 0 },
    { ...boolean, value: 1 },
  ]);
  const rowsOf = async (view: string, field: string, more: object = {}) =>
    (await ask("v2/metrics", { ...ASKED, view, dimensions: [{ field }], ...more }, key)).body.data;
  expect(await rowsOf("observations", "isRootObservation")).toEqual([
    { isRootObservation: true, count_count: 2 },
    { isRootObservation: false, count_count: 1 },
  ]);
  const isTrue = (column: string) => ({ filters: [{ type: "boolean", column, operator: "=", value: true }] });
  expect(await rowsOf("observations", "type", isTrue("isRootObservation"))).toEqual([{ type: "SPAN", count_count: 2 }]);
  expect(await rowsOf("scores-boolean", "booleanValue")).toEqual([
    { booleanValue: true, count_count: 2 },
    { booleanValue: false, count_count: 1 },
  ]);
  expect(await rowsOf("scores-boolean", "name", isTrue("booleanValue"))).toEqual([{ name: "right", count_count: 2 }]);
});

describe("what v2 refuses and v1 does not", () => {
  test("is the view of traces", async () => {
    const asked = { ...ASKED, view: "traces" };
    expect((await ask("metrics", asked)).body.data).toEqual([{ name: null, count_count: 1 }]);
    expect((await ask("v2/metrics", asked)).body.details?.[0]?.path).toBe("query.view");
  });

  test("are groups by nearly every row, but for the largest few", async () => {
    const expected = [{ userId: "ada", count_count: 3 }];
    expect((await ask("metrics", { ...ASKED, ...byUser })).body.data).toEqual(expected);
    const refused = await ask("v2/metrics", { ...ASKED, ...byUser });
    expect([refused.status, refused.body.details?.[0]?.path]).toEqual([400, "query.dimensions.0.field"]);
    expect((await ask("v2/metrics", { ...ASKED, ...byUser, ...largest })).body.data).toEqual(expected);
    const series = { ...ASKED, ...byUser, ...largest, timeDimension: { granularity: "day" } };
    expect((await ask("v2/metrics", series)).status).toBe(400);
  });

  test("are more rows than 100 unasked for", async () => {
    const many = query.project();
    await insertTraces(query.database.db, many.projectId, [{ id: "t" }]);
    const names = Array.from({ length: 101 }, (_, index) => ({ name: `n${index}` }));
    await insertObservations(query.database.db, many.projectId, "t", names);
    expect((await ask("metrics", ASKED, many)).body.data).toHaveLength(101);
    expect((await ask("v2/metrics", ASKED, many)).body.data).toHaveLength(100);
    expect((await ask("v2/metrics", { ...ASKED, config: { row_limit: 101 } }, many)).body.data).toHaveLength(101);
  });
});

test("metrics that take too long say so", async () => {
  await using slow = await setupQuery({ statementTimeoutMs: 200 });
  const key = slow.project();
  await slow.database.db.transaction(async (tx) => {
    await tx.execute("set local idle_in_transaction_session_timeout = 0");
    await tx.execute("lock table observations in access exclusive mode");
    const { status, headers, body } = await ask("v2/metrics", ASKED, key);
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "1"]);
  });
});
