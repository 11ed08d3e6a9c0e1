import {
  AnalyticsQuery,
  INGEST_JOB_VERSION,
  isoFromUs,
  noEvents,
  OBSERVATION_TYPES,
  stampOf,
  type CanonicalEvents,
  type IngestJob,
} from "@xtrace/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase } from "../../test/setup-database.ts";
import { writeBatch } from "../write/write-batch.ts";
import { queryProblems } from "./query-problems.ts";
import { runAnalyticsQuery } from "./run-query.ts";

const HOUR_US = 3_600_000_000;
const T0_US = Date.UTC(2026, 0, 30) * 1000;

/** Few, so that ranges often begin and end with a row; also the last microsecond of an hour and of a day, and the first. */
const time = fc
  .tuple(fc.constantFrom(0, 7, 20, 24, 31, 48, 90), fc.constantFrom(-1, 0, 1))
  .map(([hour, more]) => T0_US + hour * HOUR_US + more);
const traceId = fc.constantFrom("t1", "t2", "t3");
const trace = fc.record({
  id: traceId,
  timestampUs: time,
  environment: fc.constantFrom("prod", "test", undefined),
  name: fc.constantFrom("n1", "n2", "", null),
  release: fc.constantFrom("r1", undefined),
  version: fc.constantFrom("v1", "v2", undefined),
});
const observation = fc.record({
  id: fc.constantFrom("o1", "o2", "o3", "o4", "o5", "o6", "o7"),
  traceId,
  startTimeUs: time,
  type: fc.constantFrom(...OBSERVATION_TYPES, undefined),
  model: fc.constantFrom("a", "B", "", undefined),
  usageDetails: fc.constantFrom({ input: 7, output: 1 }, undefined),
  costDetails: fc.option(
    fc.double({ min: 0, max: 1, noNaN: true }).map((input) => ({ input })),
    { nil: undefined },
  ),
});

const metrics = (...texts: string[]) =>
  texts.map((text) => ({ aggregation: text.split(" ")[0], measure: text.split(" ")[1] }));
const by = (...fields: string[]) => ({ dimensions: fields.map((field) => ({ field })) });
const is = (column: string, value: string) => ({ type: "string", column, operator: "=", value });
const isNot = (column: string, value: string) => ({ type: "string", column, operator: "<>", value });
const isNull = (column: string) => ({ type: "null", column, operator: "is null", value: "" });

const USED = metrics("count count", "sum totalCost", "sum totalTokens", "sum inputTokens", "avg outputTokens");
const USAGE: object[] = [
  {},
  by("providedModelName"),
  by("type"),
  by("traceName"),
  by("traceVersion", "providedModelName", "type"),
  { filters: [is("providedModelName", "a")] },
  { ...by("type"), filters: [is("providedModelName", "")] },
  { ...by("providedModelName"), filters: [isNull("providedModelName")] },
  { ...by("providedModelName"), filters: [isNot("traceName", "n1")] },
  { ...by("traceRelease"), filters: [isNull("release"), isNot("type", "SPAN")] },
  { filters: [{ type: "stringOptions", column: "traceName", operator: "any of", value: ["n1", ""] }] },
];
const TRACES: object[] = [
  {},
  by("name"),
  by("environment"),
  { filters: [is("name", "n1")] },
  { filters: [isNot("version", "v1")] },
  { ...by("release"), filters: [isNull("release")] },
];
const GRANULARITIES = [undefined, "day", "week", "month", "auto"];

const ASKED: object[] = [
  ...USAGE.map((one) => ({ view: "observations", metrics: USED, ...one })),
  ...TRACES.map((one) => ({ view: "traces", metrics: metrics("count count"), ...one })),
].flatMap((one) =>
  GRANULARITIES.map((granularity) => ({ ...one, ...(granularity && { timeDimension: { granularity } }) })),
);
ASKED.push(
  ...["observations", "traces"].flatMap((view) =>
    [undefined, "hour", "day"].map((granularity) => ({
      view,
      metrics: metrics("count count", "sum count"),
      ...(granularity && { timeDimension: { granularity } }),
    })),
  ),
);

/** Holds for every row. No rollup knows it, so the rows have to be read. */
const ALWAYS = { type: "string", column: "id", operator: "starts with", value: "" };

const ROLLUPS = /daily_usage|facet_usage|hourly_counts/;

function queryOf(asked: object, fromUs: number, toUs: number): AnalyticsQuery {
  const range = { fromTimestamp: isoFromUs(fromUs), toTimestamp: isoFromUs(toUs) };
  const query = AnalyticsQuery.parse({ ...asked, ...range });
  expect(queryProblems(query)).toEqual([]);
  return query;
}

function readRowByRow(query: AnalyticsQuery): AnalyticsQuery {
  return AnalyticsQuery.parse({
    ...query,
    fromTimestamp: isoFromUs(query.fromTimestamp),
    toTimestamp: isoFromUs(query.toTimestamp),
    filters: [...query.filters, ALWAYS],
  });
}

function job(projectId: string, events: Partial<CanonicalEvents>): IngestJob {
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs: T0_US, events: { ...noEvents(), ...events } };
}

function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

test("the rollups say what the rows say, whatever was written and whenever the range begins and ends", async () => {
  await using database = await setupDatabase();
  let project = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(trace, { maxLength: 6 }),
      fc.array(observation, { minLength: 3, maxLength: 14 }),
      fc.array(fc.tuple(time, time), { minLength: 3, maxLength: 3 }),
      async (traces, observations, ranges) => {
        const projectId = `p${project++}`;
        const jobs = [
          ...observations.map((one, i) =>
            job(projectId, { observations: [{ ...withoutUndefined(one), stamp: stampOf(T0_US + i) }] }),
          ),
          ...traces.map((one, i) =>
            job(projectId, { traces: [{ ...withoutUndefined(one), stamp: stampOf(T0_US + i) }] }),
          ),
        ];
        for (const one of jobs) await writeBatch(database.db, [one]);
        for (const [a, b] of ranges) {
          for (const asked of ASKED) {
            const query = queryOf(asked, Math.min(a, b), Math.max(a, b + 1));
            const options = { projectId, rowLimit: 1_000 };
            const read = await runAnalyticsQuery(database.db, readRowByRow(query), options);
            expect(await runAnalyticsQuery(database.db, query, options), JSON.stringify(query)).toEqual(read);
          }
        }
      },
    ),
    { numRuns: 15 },
  );
}, 120_000);

test("reads no whole day row by row", async () => {
  await using database = await setupDatabase();
  const plansOf = async (asked: object) => {
    const query = queryOf(asked, T0_US + 1, T0_US + 96 * HOUR_US - 2);
    return await explainStatements(database.url, (db) =>
      runAnalyticsQuery(db, query, { projectId: "p", rowLimit: 10 }),
    );
  };
  for (const asked of ASKED) {
    const plan = (await plansOf(asked)).join("\n");
    expect(plan, JSON.stringify(asked)).toMatch(ROLLUPS);
    expect((await plansOf({ ...asked, filters: [ALWAYS] })).join("\n")).not.toMatch(ROLLUPS);
  }
});

test.each([
  { view: "observations", ...by("environment"), metrics: metrics("count count") },
  { view: "observations", ...by("traceName"), filters: [is("traceVersion", "v1")], metrics: metrics("count count") },
  { view: "observations", ...by("traceName"), filters: [is("userId", "ada")], metrics: metrics("count count") },
  { view: "observations", metrics: metrics("p95 latency", "count count") },
  { view: "observations", metrics: metrics("avg totalCost") },
  { view: "observations", metrics: metrics("count totalCost") },
  { view: "observations", metrics: metrics("sum totalTokens"), timeDimension: { granularity: "hour" } },
  { view: "observations", metrics: metrics("count count"), timeDimension: { granularity: "minute" } },
  { view: "traces", ...by("name"), metrics: metrics("sum totalCost") },
  { view: "traces", ...by("name", "environment"), metrics: metrics("count count") },
  { view: "scores-numeric", ...by("name"), metrics: metrics("count count") },
])("leaves to the rows what rollups do not know: %j", async (asked) => {
  await using database = await setupDatabase();
  const query = queryOf(asked, T0_US, T0_US + 72 * HOUR_US);
  const plans = await explainStatements(database.url, (db) =>
    runAnalyticsQuery(db, query, { projectId: "p", rowLimit: 10 }),
  );
  expect(plans.join("\n")).not.toMatch(ROLLUPS);
});
