import { INGEST_JOB_VERSION, MetricSeriesList, noEvents } from "@xtrace/contract";
import { writeBatch } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, NOW_US, refused, startRoutes, type Params, type RouteApp } from "../../test/route-app.ts";
import { metricRow } from "../../test/route-rows.ts";
import { metricsQueryRoutes } from "./metrics-query.ts";

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const HOUR_US = 60 * MINUTE_US;

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(metricsQueryRoutes);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

/** As the worker does. */
async function store(projectId: string, rows: Array<Parameters<typeof metricRow>[1]>) {
  const points = rows.map((row) => {
    const { id, environment, name, labels, value, timestamp } = metricRow(projectId, row);
    return { id, environment, name, labels, value, timestampUs: timestamp };
  });
  const events = { ...noEvents(), metrics: points };
  await writeBatch(app.db, [{ v: INGEST_JOB_VERSION, projectId, receivedAtUs: NOW_US, events }]);
}

async function ask(projectId: string, params: Params = {}): Promise<MetricSeriesList> {
  return await app.read(MetricSeriesList, "/metrics/query", { name: "latency", ...params }, projectId);
}

function valuesOf({ data }: Pick<MetricSeriesList, "data">): number[][] {
  return data.map((series) => series.values.map(({ value }) => value));
}

/** 1 to 100, all in the last minute before noon, the largest neither first nor last. */
const HUNDRED = Array.from({ length: 100 }, (_, i) => ({
  value: ((i * 37) % 100) + 1,
  timestamp: NOW_US - MINUTE_US + i * 500_000,
}));

describe("GET /metrics/query", () => {
  test("answers no series where nothing matches", async () => {
    const project = newProject();
    expect(await ask(project)).toEqual({ data: [], meta: { series_count: 0, truncated: false } });
    await store(project, [{ name: "other" }]);
    expect(await ask(project)).toEqual({ data: [], meta: { series_count: 0, truncated: false } });
  });

  test.each([
    ["avg", 50.5],
    ["max", 100],
    ["min", 1],
    ["sum", 5050],
    ["p50", 50.5],
    ["p90", 90.1],
    ["p99", 99.01],
    ["last", ((99 * 37) % 100) + 1],
  ])("computes %s", async (agg, expected) => {
    const project = newProject();
    await store(project, HUNDRED);
    const body = await ask(project, { agg });
    expect(body.data).toMatchObject([{ labels: {}, values: [{ timestamp: "2026-01-31T11:59:00.000Z" }] }]);
    expect(body.data[0]?.values[0]?.value).toBeCloseTo(expected, 9);
    expect(body.meta).toEqual({ latest_ts: "2026-01-31T11:59:00.000Z", series_count: 1, truncated: false });
  });

  test("averages unless told otherwise, in any case", async () => {
    const project = newProject();
    await store(project, [{ value: 1 }, { value: 3 }]);
    expect(valuesOf(await ask(project))).toEqual([[2]]);
    expect(valuesOf(await ask(project, { agg: "MAX", step: "1M" }))).toEqual([[3]]);
  });

  test.each([
    ["1m", ["11:58:00", "11:59:00"]],
    ["5m", ["11:55:00"]],
    ["1h", ["11:00:00"]],
    ["1d", ["00:00:00"]],
  ])("aligns buckets of %s to the epoch", async (step, starts) => {
    const project = newProject();
    await store(project, [{ timestamp: NOW_US - 1 }, { timestamp: NOW_US - MINUTE_US - 1 }]);
    const body = await ask(project, { step });
    expect(body.data[0]?.values.map((point) => point.timestamp)).toEqual(
      starts.map((time) => `2026-01-31T${time}.000Z`),
    );
    expect(body.meta.latest_ts).toBe(`2026-01-31T${starts.at(-1)}.000Z`);
  });

  test("takes both ends of the range, and the last hour by default", async () => {
    const project = newProject();
    await store(project, [
      { value: 1, timestamp: NOW_US - HOUR_US - 1 },
      { value: 2, timestamp: NOW_US - HOUR_US },
      { value: 4, timestamp: NOW_US },
      { value: 8, timestamp: NOW_US + 1 },
    ]);
    const sum = async (params: Params) => valuesOf(await ask(project, { agg: "sum", step: "1d", ...params }))[0]?.[0];
    expect(await sum({})).toBe(6);
    expect(await sum({ from: "2026-01-31T00:00:00Z" })).toBe(7);
    expect(await sum({ from: "2026-01-31T12:00:00Z", to: "2026-01-31T12:00:00Z" })).toBe(4);
    expect(await sum({ from: "2026-01-31T12:00:00Z", to: "2026-01-31T13:00:00.000001+01:00" })).toBe(12);
    expect(await sum({ to: "2026-01-31T11:00:00Z" })).toBe(3);
  });

  test("makes a series of each set of labels", async () => {
    const project = newProject();
    await store(project, [
      { value: 1, labels: { model: "a", region: "eu" } },
      { value: 3, labels: { region: "eu", model: "a" } },
      { value: 5, labels: { model: "b" } },
      { value: 7 },
    ]);
    const body = await ask(project);
    const bySize = body.data.toSorted((a, b) => (a.values[0]?.value ?? 0) - (b.values[0]?.value ?? 0));
    expect(bySize.map((series) => series.labels)).toEqual([{ model: "a", region: "eu" }, { model: "b" }, {}]);
    expect(valuesOf({ data: bySize })).toEqual([[2], [5], [7]]);
    expect(body.meta.series_count).toBe(3);
  });

  test("groups by one label; points without it are a series of their own", async () => {
    const project = newProject();
    await store(project, [
      { value: 1, labels: { model: "a", region: "eu" } },
      { value: 3, labels: { model: "a", region: "us" } },
      { value: 5, labels: { model: "b" }, timestamp: NOW_US - MINUTE_US },
      { value: 7, labels: { region: "eu" } },
    ]);
    expect(await ask(project, { group_by: "model" })).toEqual({
      data: [
        { labels: { model: "" }, values: [{ timestamp: "2026-01-31T12:00:00.000Z", value: 7 }] },
        { labels: { model: "a" }, values: [{ timestamp: "2026-01-31T12:00:00.000Z", value: 2 }] },
        { labels: { model: "b" }, values: [{ timestamp: "2026-01-31T11:59:00.000Z", value: 5 }] },
      ],
      meta: { latest_ts: "2026-01-31T12:00:00.000Z", series_count: 3, truncated: false },
    });
  });

  test.each(["avg", "max", "min", "sum", "last", "p50", "p90", "p99"])("groups with %s", async (agg) => {
    const project = newProject();
    await store(project, [{ value: 4, labels: { model: "a" } }]);
    expect(valuesOf(await ask(project, { agg, group_by: "model" }))).toEqual([[4]]);
  });

  test("groups everything into one series when group_by is empty", async () => {
    const project = newProject();
    await store(project, [
      { value: 1, labels: { model: "a" } },
      { value: 3, labels: { model: "b" } },
    ]);
    expect((await ask(project, { group_by: "" })).data).toEqual([
      { labels: {}, values: [{ timestamp: "2026-01-31T12:00:00.000Z", value: 2 }] },
    ]);
  });

  test("filters by labels and by environment", async () => {
    const project = newProject();
    await store(project, [
      { value: 1, labels: { model: "a", region: "eu" } },
      { value: 2, labels: { model: "a", region: "us" }, environment: "prod" },
      { value: 4, labels: { model: "b" }, environment: "test" },
    ]);
    const sum = async (params: Params) => valuesOf(await ask(project, { agg: "sum", group_by: "", ...params }));
    expect(await sum({ labels: '{"model":"a"}' })).toEqual([[3]]);
    expect(await sum({ labels: '{"model":"a","region":"us"}' })).toEqual([[2]]);
    expect(await sum({ labels: '{"model":"c"}' })).toEqual([]);
    expect(await sum({ labels: "{}" })).toEqual([[7]]);
    expect(await sum({ labels: "" })).toEqual([[7]]);
    expect(await sum({ environment: "prod" })).toEqual([[2]]);
    expect(await sum({ environment: ["prod", "test"] })).toEqual([[6]]);
    expect(await sum({ environment: "default", labels: '{"model":"a"}' })).toEqual([[1]]);
  });

  test("finds labels that were stored with a replacement for what PostgreSQL cannot store", async () => {
    const project = newProject();
    await store(project, [{ value: 1, labels: { "k\uFFFD": "v\uFFFD" } }]);
    expect(valuesOf(await ask(project, { labels: '{"k\\u0000":"v\\ud800"}' }))).toEqual([[1]]);
  });

  test("keeps 50 series and tells of the others", async () => {
    const project = newProject();
    const label = (i: number) => ({
      labels: { model: `m${String(i).padStart(2, "0")}` },
      timestamp: NOW_US - i * MINUTE_US,
    });
    await store(
      project,
      Array.from({ length: 50 }, (_, i) => label(i + 1)),
    );
    expect((await ask(project, { group_by: "model" })).meta).toMatchObject({ series_count: 50, truncated: false });
    await store(project, [{ labels: { model: "z" } }]);
    const body = await ask(project, { group_by: "model" });
    expect(body.data.map((series) => series.labels["model"])).not.toContain("z");
    expect(body.data).toHaveLength(50);
    expect(body.meta).toEqual({ latest_ts: "2026-01-31T12:00:00.000Z", series_count: 50, truncated: true });
  });

  test("keeps the 1,000 oldest points of a series and tells of the others", async () => {
    const project = newProject();
    const from = "2026-01-30T12:00:00Z";
    await store(
      project,
      Array.from({ length: 1_000 }, (_, i) => ({ value: i, timestamp: NOW_US - (1_000 - i) * MINUTE_US })),
    );
    expect((await ask(project, { from })).meta.truncated).toBe(false);
    await store(project, [{ value: 1_000 }]);
    const body = await ask(project, { from });
    expect(body.meta).toEqual({ latest_ts: "2026-01-31T12:00:00.000Z", series_count: 1, truncated: true });
    expect(body.data[0]?.values).toHaveLength(1_000);
    expect(body.data[0]?.values[0]?.value).toBe(0);
    expect(body.data[0]?.values[999]).toEqual({ timestamp: "2026-01-31T11:59:00.000Z", value: 999 });
  });

  test("gives the last of points of the same instant the same way each time", async () => {
    const project = newProject();
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
    await store(project, [
      { id: id(2), value: 2 },
      { id: id(3), value: 3 },
      { id: id(1), value: 1 },
      { value: 9, timestamp: NOW_US - 1 },
    ]);
    expect(valuesOf(await ask(project, { agg: "last", step: "1d" }))).toEqual([[3]]);
  });

  test("refuses to add up points beyond what a number can hold", async () => {
    const project = newProject();
    await store(project, [{ value: 1.7e308 }, { value: 1.7e308 }]);
    expect(refused(await app.get("/metrics/query", { name: "latency", agg: "sum" }, project))).toEqual(["agg"]);
    expect(valuesOf(await ask(project, { agg: "max" }))).toEqual([[1.7e308]]);
  });

  test("leaves every other failure of the database to the app", async () => {
    const closed = await startRoutes(metricsQueryRoutes);
    await closed[Symbol.asyncDispose]();
    expect((await closed.get("/metrics/query", { name: "latency" })).status).toBe(500);
  });

  test("never reads another project's points", async () => {
    const [mine, theirs] = [newProject(), newProject()];
    await store(theirs, [{ value: 1 }]);
    expect((await ask(mine)).data).toEqual([]);
  });

  test.each<[Params, string]>([
    [{ name: "" }, "name"],
    [{ step: "2m" }, "step"],
    [{ agg: "p95" }, "agg"],
    [{ from: "yesterday" }, "from"],
    [{ to: "2026-01-31T12:00:00" }, "to"],
    [{ from: "2026-01-31T12:00:00.001Z", to: "2026-01-31T12:00:00Z" }, "from"],
    [{ from: "2026-02-01T00:00:00Z" }, "from"],
    [{ labels: "model=a" }, "labels"],
    [{ labels: '["a"]' }, "labels"],
    [{ labels: '{"a":1}' }, "labels"],
    [{ labels: "null" }, "labels"],
  ])("refuses %j, naming %s", async (params, name) => {
    expect(refused(await app.get("/metrics/query", { name: "latency", ...params }, newProject()))).toEqual([name]);
  });

  test("requires a name", async () => {
    expect(refused(await app.get("/metrics/query", {}, newProject()))).toEqual(["name"]);
  });

  test("survives hostile values", async () => {
    const long = "x".repeat(100_000);
    const hostile: Params[] = [
      { name: long },
      { group_by: long },
      { group_by: "'); drop table metrics; --" },
      { labels: JSON.stringify({ [long]: long }) },
      { environment: ["{", '"', long] },
      { from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59-23:00", step: "1m" },
    ];
    for (const params of hostile) await ask(newProject(), params);
    expect(refused(await app.get("/metrics/query", { name: "a\u0000" }, newProject()))).toEqual(["name"]);
  });
});
