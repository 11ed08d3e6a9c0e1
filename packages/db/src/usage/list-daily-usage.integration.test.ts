import {
  INGEST_JOB_VERSION,
  noEvents,
  OBSERVATION_TYPES,
  stampOf,
  type CanonicalEvents,
  type FilterCondition,
  type IngestJob,
} from "@xtrace/contract";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase } from "../../test/setup-database.ts";
import { dailyUsage, hourlyCounts } from "../schema/usage.ts";
import { writeBatch } from "../write/write-batch.ts";
import { listDailyUsage } from "./list-daily-usage.ts";
import type { DayRange, UsageFilter } from "./usage-source.ts";

const T0_US = Date.UTC(2026, 0, 1) * 1000;
const HOUR_US = 60 * 60 * 1_000_000;
const JANUARY = { fromDay: "2026-01-01", toDay: "2026-01-31", limit: 100, offset: 0 };

function job(projectId: string, events: Partial<CanonicalEvents>): IngestJob {
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs: T0_US, events: { ...noEvents(), ...events } };
}

const trace = fc.record({
  id: fc.constantFrom("t1", "t2", "t3"),
  hour: fc.integer({ min: 0, max: 71 }),
  environment: fc.constantFrom("prod", "test", undefined),
  name: fc.constantFrom("n1", "n2", null),
  release: fc.constantFrom("r1", null),
  version: fc.constantFrom("v1", "v2", undefined),
});

/** Each asks for one facet, and so reads a rollup. */
const FACETS: ReadonlyArray<UsageFilter["traces"]> = [
  { environments: ["prod"] },
  { environments: ["prod", "default", "prod"] },
  { name: "n1" },
  { name: "n2", environments: [] },
  { release: "r1" },
  { version: "v1" },
  { version: "v2" },
];

/** Holds for every trace of this test. No rollup knows it, so the traces have to be read. */
const ALWAYS: FilterCondition = { type: "string", column: "id", operator: "starts with", value: "t" };

const observation = fc.record({
  id: fc.constantFrom("o1", "o2", "o3", "o4", "o5"),
  traceId: fc.constantFrom("t1", "t2", "t3"),
  hour: fc.integer({ min: 0, max: 71 }),
  type: fc.constantFrom(...OBSERVATION_TYPES),
  model: fc.constantFrom("a", "b", undefined),
  tokens: fc.nat(1000),
  cost: fc.double({ min: 0, max: 1, noNaN: true }),
});

test("the rollups say what the traces say, whatever was written", async () => {
  await using database = await setupDatabase();
  let project = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(trace, { maxLength: 6 }),
      fc.array(observation, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      async (traces, observations, places) => {
        const projectId = `p${project++}`;
        const jobs = [
          ...traces.map(({ id, hour, ...fields }, i) =>
            job(projectId, {
              traces: [
                { id, stamp: stampOf(T0_US + i), timestampUs: T0_US + hour * HOUR_US, ...withoutUndefined(fields) },
              ],
            }),
          ),
          ...observations.map(({ id, traceId, hour, type, model, tokens, cost }, i) =>
            job(projectId, {
              observations: [
                {
                  id,
                  traceId,
                  stamp: stampOf(T0_US + i),
                  type,
                  startTimeUs: T0_US + hour * HOUR_US,
                  ...(model === undefined ? {} : { model }),
                  usageDetails: { input: tokens, output: 1 },
                  costDetails: { input: cost },
                },
              ],
            }),
          ),
        ];
        for (const one of shuffled(jobs, places)) await writeBatch(database.db, [one]);

        const rollups = await listDailyUsage(database.db, { projectId, ...JANUARY, traces: {} });
        expect(rollups.totalDays).toBe(rollups.days.length);
        const joinedOf = async (days: Partial<DayRange>) =>
          (await listDailyUsage(database.db, { projectId, ...JANUARY, ...days, traces: { conditions: [ALWAYS] } }))
            .days;
        const oneDay = await joinedOf({ fromDay: "2026-01-02", toDay: "2026-01-02" });
        expect(oneDay).toEqual((await joinedOf({})).filter(({ day }) => day === "2026-01-02"));
        for (const facet of [{}, ...FACETS]) {
          const query = { projectId, ...JANUARY };
          const read = await listDailyUsage(database.db, { ...query, traces: facet });
          const joined = await listDailyUsage(database.db, { ...query, traces: { ...facet, conditions: [ALWAYS] } });
          expect(read, JSON.stringify(facet)).toEqual(joined);
        }
      },
    ),
    { numRuns: 30 },
  );
});

function withoutUndefined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Observations come before, between and after the traces that they belong to. */
function shuffled(jobs: readonly IngestJob[], places: fc.Stream<number>): IngestJob[] {
  const order: IngestJob[] = [];
  for (const one of jobs) order.splice((places.next().value as number) % (order.length + 1), 0, one);
  return order;
}

test("reads only the asked-for days of the rollups", async () => {
  await using database = await setupDatabase();
  await database.db.execute(sql`
    insert into ${hourlyCounts} select project, timestamptz '2020-01-01T23:00:00Z' + n * interval '1 day', 1, 3, 0
    from unnest(array['mine', 'theirs']) project, generate_series(0, 2999) n`);
  await database.db.execute(sql`
    insert into ${dailyUsage} select project, date '2020-01-01' + n, 'GENERATION', model, 1, 1, 1, 1, 2, 0.5
    from unnest(array['mine', 'theirs']) project, generate_series(0, 2999) n, unnest(array['a', 'b', 'c']) model`);
  await database.db.execute(sql`vacuum analyze ${hourlyCounts}, ${dailyUsage}`);
  const query = { projectId: "mine", ...JANUARY, traces: {} };
  const { days } = await listDailyUsage(database.db, query);
  expect(days).toHaveLength(31);
  expect(days[0]).toMatchObject({ day: "2026-01-31", traceCount: 1, observationCount: 3, totalCost: 1.5 });
  const [plan = ""] = await explainStatements(database.url, (db) => listDailyUsage(db, query));
  expect(plan).toMatch(/hourly_counts_project_id_hour_pk[^\n]*rows=31/);
  expect(plan).toMatch(/daily_usage_project_id_day_type_model_pk[^\n]*rows=93/);
  expect(plan).not.toContain("Seq Scan");
});
