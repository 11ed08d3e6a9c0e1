import { AnalyticsQuery, INGEST_JOB_VERSION, noEvents, stampOf, type CanonicalEvents } from "@xtrace/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { writeBatch } from "../write/write-batch.ts";
import { queryProblems } from "./query-problems.ts";
import { runAnalyticsQuery } from "./run-query.ts";
import { VIEWS } from "./views.ts";

const T0 = Date.UTC(2026, 0, 5, 10) * 1000;
const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;
const RANGE = { fromTimestamp: "2026-01-01T00:00:00Z", toTimestamp: "2026-02-01T00:00:00Z" };

let database: TestDatabase;
beforeAll(async () => {
  database = await setupDatabase();
  await write("p", DATA);
  await write("other", DATA);
});
afterAll(() => database[Symbol.asyncDispose]());

async function write(projectId: string, events: Partial<CanonicalEvents>) {
  const all = { ...noEvents(), ...events };
  await writeBatch(database.db, [{ v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events: all }]);
}

const stamp = stampOf(T0);
const generation = (id: string, traceId: string, index: number, more: object) => ({
  id,
  traceId,
  stamp,
  type: "GENERATION" as const,
  name: "answer",
  model: index < 2 ? "small" : "large",
  startTimeUs: T0 + index * HOUR,
  completionStartTimeUs: T0 + index * HOUR + SECOND / 2,
  endTimeUs: T0 + index * HOUR + (index + 1) * SECOND,
  usageDetails: { input: 10 * (index + 1), output: index + 1 },
  costDetails: { input: 0.1, input_cached: 0.2, output: 0.5 },
  ...more,
});
const score = (id: string, more: object) => ({
  id,
  stamp,
  timestampUs: T0,
  name: "quality",
  dataType: "NUMERIC" as const,
  value: 1,
  stringValue: null,
  source: "API" as const,
  traceId: "a",
  ...more,
});

const DATA: Partial<CanonicalEvents> = {
  traces: [
    {
      id: "a",
      stamp,
      timestampUs: T0,
      name: "chat",
      userId: "ada",
      tags: ["x", "y"],
      metadata: { tier: "gold" },
      release: "r1",
    },
    { id: "b", stamp, timestampUs: T0 + 25 * HOUR, name: "chat", userId: "bob", environment: "prod" },
    { id: "c", stamp, timestampUs: T0 + 25 * HOUR, userId: "ada", sessionId: "s" },
  ],
  observations: [
    generation("g0", "a", 0, {}),
    generation("g1", "a", 1, { level: "ERROR" }),
    generation("g2", "b", 2, { metadata: { tier: "gold" } }),
    { id: "span", traceId: "b", stamp, startTimeUs: T0 + 3 * HOUR, name: "step" },
  ],
  scores: [
    score("s0", { value: 0.5, observationId: "g0" }),
    score("s1", { value: 1, traceId: "b", source: "EVAL" }),
    score("s2", { dataType: "BOOLEAN", name: "right", value: 1, stringValue: "True" }),
    score("s3", { dataType: "BOOLEAN", name: "right", value: 0, stringValue: "False" }),
    score("s4", { dataType: "CATEGORICAL", name: "kind", value: null, stringValue: "good" }),
    score("s5", { traceId: null, sessionId: "s", value: 3 }),
  ],
};

function queryOf(given: object): AnalyticsQuery {
  const query = AnalyticsQuery.parse({ ...RANGE, ...given });
  expect(queryProblems(query)).toEqual([]);
  return query;
}

async function run(given: object, projectId = "p") {
  return await runAnalyticsQuery(database.db, queryOf(given), { projectId, rowLimit: 1_000 });
}

const metric = (text: string) => {
  const [aggregation, measure] = text.split(" ");
  return { aggregation, measure };
};
const metrics = (...texts: string[]) => ({ metrics: texts.map(metric) });
const by = (...fields: string[]) => ({ dimensions: fields.map((field) => ({ field })) });

describe("metrics over observations", () => {
  test("without dimensions are one row, also of nothing", async () => {
    const asked = {
      view: "observations",
      ...metrics("count count", "sum totalTokens", "avg latency", "max totalCost"),
    };
    expect(await run(asked)).toEqual([{ count_count: 4, sum_totalTokens: 66, avg_latency: 2_000, max_totalCost: 0.8 }]);
    expect(await run(asked, "nobody")).toEqual([
      { count_count: 0, sum_totalTokens: 0, avg_latency: null, max_totalCost: null },
    ]);
  });

  test("measure latencies in milliseconds, tokens, and costs to the cent", async () => {
    const asked = metrics(
      "min streamingLatency",
      "avg timeToFirstToken",
      "sum inputTokens",
      "sum outputTokens",
      "avg totalTokens",
      "max tokensPerSecond",
      "max outputTokensPerSecond",
      "sum inputCost",
      "sum outputCost",
      "sum totalCost",
      "sum countScores",
    );
    expect(await run({ view: "observations", ...asked })).toEqual([
      {
        min_streamingLatency: 500,
        avg_timeToFirstToken: 500,
        sum_inputTokens: 60,
        sum_outputTokens: 6,
        // The span used nothing, and counts.
        avg_totalTokens: 16.5,
        max_tokensPerSecond: 11,
        max_outputTokensPerSecond: 2,
        sum_inputCost: 0.9,
        sum_outputCost: 1.5,
        sum_totalCost: 2.4,
        sum_countScores: 1,
      },
    ]);
  });

  test("count costs that were computed like those that were given", async () => {
    const computed = generation("g", "a", 0, { model: "gpt-4o", usageDetails: { input: 1_000, output: 100 } });
    await write("priced", { observations: [{ ...computed, costDetails: undefined }] });
    const asked = { view: "observations", ...metrics("sum inputCost", "sum outputCost", "sum totalCost") };
    expect(await run(asked, "priced")).toEqual([
      { sum_inputCost: 0.002_5, sum_outputCost: 0.001, sum_totalCost: 0.003_5 },
    ]);
  });

  test("are grouped by what the observation and its trace say, the largest first", async () => {
    expect(await run({ view: "observations", ...by("providedModelName"), ...metrics("count count") })).toEqual([
      { providedModelName: "small", count_count: 2 },
      { providedModelName: "large", count_count: 1 },
      { providedModelName: null, count_count: 1 },
    ]);
    expect(
      await run({ view: "observations", ...by("userId", "tags", "type"), ...metrics("count count", "p50 latency") }),
    ).toEqual([
      { userId: "ada", tags: ["x", "y"], type: "GENERATION", count_count: 2, p50_latency: 1_500 },
      { userId: "bob", tags: [], type: "GENERATION", count_count: 1, p50_latency: 3_000 },
      { userId: "bob", tags: [], type: "SPAN", count_count: 1, p50_latency: null },
    ]);
  });

  test.each([
    [{ type: "string", column: "name", operator: "=", value: "answer" }, 3],
    [{ type: "stringOptions", column: "level", operator: "any of", value: ["ERROR"] }, 1],
    [{ type: "string", column: "traceName", operator: "contains", value: "cha" }, 4],
    [{ type: "arrayOptions", column: "tags", operator: "all of", value: ["x"] }, 2],
    [{ type: "stringObject", column: "metadata", key: "tier", operator: "=", value: "gold" }, 1],
    [{ type: "datetime", column: "startTime", operator: "<", value: "2026-01-05T11:00:00Z" }, 1],
    [{ type: "null", column: "providedModelName", operator: "is null", value: "" }, 1],
  ])("are filtered by %j", async (filter, expected) => {
    const [row] = await run({ view: "observations", filters: [filter], ...metrics("count count") });
    expect(row).toEqual({ count_count: expected });
  });

  test("are ordered and cut as asked", async () => {
    const asked = { view: "observations", ...by("id"), ...metrics("sum totalTokens") };
    const ids = async (more: object) => (await run({ ...asked, ...more })).map((row) => row["id"]);
    expect(await ids({ orderBy: [{ field: "sum_totalTokens", direction: "asc" }] })).toEqual([
      "span",
      "g0",
      "g1",
      "g2",
    ]);
    expect(await ids({ orderBy: [{ field: "id", direction: "desc" }], config: { row_limit: 2 } })).toEqual([
      "span",
      "g2",
    ]);
  });

  test("cut values into bins of equal width", async () => {
    const [row] = await run({ view: "observations", ...metrics("histogram latency"), config: { bins: 2 } });
    expect(row?.["histogram_latency"]).toEqual([
      [1_000, 2_000, 1],
      [2_000, 3_000, 2],
    ]);
    const single = await run({
      view: "observations",
      ...by("type"),
      ...metrics("histogram outputCost", "histogram latency"),
      filters: [{ type: "string", column: "name", operator: "=", value: "step" }],
    });
    expect(single).toEqual([{ type: "SPAN", histogram_outputCost: [[0, 0, 1]], histogram_latency: [] }]);
  });
});

describe("metrics over time", () => {
  const series = (granularity: string, more: object = {}) =>
    run({ view: "traces", ...metrics("count count", "avg latency"), timeDimension: { granularity }, ...more });

  test("have a row for each bucket of the range, as dates from the day on", async () => {
    const day = { fromTimestamp: "2026-01-05T00:00:00Z", toTimestamp: "2026-01-08T12:00:00Z" };
    expect(await series("day", day)).toEqual([
      { time_dimension: "2026-01-05", count_count: 1, avg_latency: 3_602_000 },
      { time_dimension: "2026-01-06", count_count: 2, avg_latency: 3_600_000 },
      { time_dimension: "2026-01-07", count_count: 0, avg_latency: null },
    ]);
    const hours = { fromTimestamp: "2026-01-05T09:30:00Z", toTimestamp: "2026-01-05T12:00:00Z" };
    expect((await series("auto", hours)).map((row) => row["time_dimension"])).toEqual([
      "2026-01-05 09:00:00",
      "2026-01-05 10:00:00",
      "2026-01-05 11:00:00",
    ]);
    expect((await series("week", { toTimestamp: "2026-01-13T00:00:00Z" })).map((row) => row["time_dimension"])).toEqual(
      ["2025-12-29", "2026-01-05"],
    );
    expect((await series("month", { fromTimestamp: "2025-11-15T00:00:00Z" })).map((row) => row["count_count"])).toEqual(
      [0, 0, 3],
    );
  });

  test("by a dimension, or in another order, have rows of what is there", async () => {
    expect(await series("day", by("userId"))).toEqual([
      { userId: "ada", time_dimension: "2026-01-05", count_count: 1, avg_latency: 3_602_000 },
      { userId: "ada", time_dimension: "2026-01-06", count_count: 1, avg_latency: null },
      { userId: "bob", time_dimension: "2026-01-06", count_count: 1, avg_latency: 3_600_000 },
    ]);
    const ordered = await series("day", { orderBy: [{ field: "time_dimension", direction: "desc" }] });
    expect(ordered.map((row) => row["time_dimension"])).toEqual(["2026-01-06", "2026-01-05"]);
  });
});

describe("metrics over traces", () => {
  test("read the totals of each trace", async () => {
    const asked = metrics(
      "sum observationsCount",
      "sum scoresCount",
      "uniq uniqueUserIds",
      "count uniqueSessionIds",
      "sum totalTokens",
      "sum totalCost",
    );
    expect(await run({ view: "traces", ...by("name"), ...asked })).toEqual([
      {
        name: "chat",
        sum_observationsCount: 4,
        sum_scoresCount: 5,
        uniq_uniqueUserIds: 2,
        count_uniqueSessionIds: 0,
        sum_totalTokens: 66,
        sum_totalCost: 2.4,
      },
      {
        name: null,
        sum_observationsCount: 0,
        sum_scoresCount: 0,
        uniq_uniqueUserIds: 1,
        count_uniqueSessionIds: 1,
        sum_totalTokens: 0,
        sum_totalCost: 0,
      },
    ]);
  });
});

describe("metrics over scores", () => {
  test.each([
    [
      "scores-numeric",
      ["avg value"],
      [
        { name: "quality", count_count: 3, avg_value: 1.5 },
        { name: "right", count_count: 2, avg_value: 0.5 },
      ],
    ],
    ["scores-boolean", ["avg value"], [{ name: "right", count_count: 2, avg_value: 0.5 }]],
    ["scores-categorical", [], [{ name: "kind", count_count: 1 }]],
  ])("of %s", async (view, more, expected) => {
    expect(await run({ view, ...by("name"), ...metrics("count count", ...more) })).toEqual(expected);
  });

  test("are grouped by what they judge, also where that is not there", async () => {
    const rows = await run({
      view: "scores-numeric",
      ...by("traceName", "observationModelName"),
      ...metrics("count count"),
    });
    expect(rows).toEqual([
      { traceName: "chat", observationModelName: null, count_count: 3 },
      { traceName: "chat", observationModelName: "small", count_count: 1 },
      { traceName: null, observationModelName: null, count_count: 1 },
    ]);
    const values = await run({
      view: "scores-categorical",
      ...by("stringValue", "timestampDay"),
      ...metrics("count count"),
    });
    expect(values).toEqual([{ stringValue: "good", timestampDay: "2026-01-05", count_count: 1 }]);
  });
});

describe.each(Object.entries(VIEWS))("the view %s", (view, { dimensions, measures }) => {
  test("has SQL that runs for every dimension, measure and aggregation", async () => {
    const fields = Object.keys(dimensions);
    for (let from = 0; from < fields.length; from += 20) {
      const rows = await run({ view, ...by(...fields.slice(from, from + 20)), ...metrics("count count") });
      expect(rows.length).toBeGreaterThan(0);
    }
    for (const [measure, { kind }] of Object.entries(measures)) {
      const all = ["count", "uniq", "sum", "avg", "max", "min", "p50", "p75", "p90", "p95", "p99", "histogram"];
      const allowed = kind === "string" ? all.slice(0, 2) : all;
      const [row] = await run({ view, ...metrics(...allowed.map((aggregation) => `${aggregation} ${measure}`)) });
      expect(Object.keys(row ?? {})).toEqual(allowed.map((aggregation) => `${aggregation}_${measure}`));
    }
  });
});

test.each([
  ["traces", "timestamp", "max latency"],
  ["observations", "start", "max latency"],
  ["scores-numeric", "timestamp", "count count"],
])("a query of %s finds its project and time range by the index on its time", async (view, index, measure) => {
  const query = queryOf({ view, ...metrics(measure), toTimestamp: "2026-01-05T10:00:00Z" });
  // Of a handful of rows, PostgreSQL would read the whole table.
  const [plan] = await explainStatements(`${database.url}?enable_seqscan=off`, (db) =>
    runAnalyticsQuery(db, query, { projectId: "p", rowLimit: 10 }),
  );
  expect(plan).toMatch(new RegExp(`project_${index}_idx .*\\n *Index Cond: \\(\\(project_id = .* >= .* <= `));
});
