import { METRIC_AGGREGATIONS, METRIC_STEPS } from "@xtrace/contract";
import { eq, sql, type SQL } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase } from "../../test/setup-database.ts";
import type { Database } from "../client.ts";
import { metrics, metricSeries } from "../schema/metrics.ts";
import { listMetricNames } from "./list-metric-names.ts";
import type { MetricSeriesQuery } from "./metric-series.ts";
import { seriesId } from "./metric-sql.ts";
import { queryMetricSeries } from "./query-metric-series.ts";

const T0_US = Date.UTC(2026, 0, 1) * 1000;
const SECOND_US = 1_000_000;

/** A point a second of each of 20 metrics, in 10 series each, and a project beside it, by a worker that told no series. */
async function fillUntold(db: Database): Promise<void> {
  await db.execute(sql`
    insert into ${metrics} (project_id, id, environment, name, labels, value, timestamp)
    select project, gen_random_uuid(), 'default', 'm' || lpad(name::text, 2, '0'), jsonb_build_object('series', (point % 10)::text), point,
      to_timestamp(${T0_US / SECOND_US}) + point * interval '1 second'
    from unnest(array['mine', 'theirs']) project, generate_series(1, 20) name, generate_series(0, 1999) point`);
  await db.execute(sql`vacuum analyze ${metrics}`);
}

async function tellSeries(db: Database, where?: SQL): Promise<void> {
  await db
    .update(metrics)
    .set({ series: seriesId(metrics) })
    .where(where);
  await db.execute(sql`
    insert into ${metricSeries} (project_id, name, series, environment, labels)
    select distinct project_id, name, series, environment, labels from ${metrics} where series is not null
    on conflict do nothing`);
  await db.execute(sql`vacuum analyze ${metrics}`);
}

async function fill(db: Database): Promise<void> {
  await fillUntold(db);
  await tellSeries(db);
}

const QUERY: MetricSeriesQuery = {
  projectId: "mine",
  name: "m07",
  fromUs: T0_US + 60 * SECOND_US,
  toUs: T0_US + 119 * SECOND_US,
  step: "1m",
  aggregation: "sum",
  groupBy: { by: "key", key: "series" },
  maxSeries: 50,
  maxPoints: 1_000,
};

const FIRST_SERIES = {
  labels: { series: "0" },
  points: [{ startUs: T0_US + 60 * SECOND_US, value: 60 + 70 + 80 + 90 + 100 + 110 }],
};

test("names are found by one index probe each, not by reading the points", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const names = await listMetricNames(database.db, { projectId: "mine", limit: 100 });
  expect(names).toEqual(Array.from({ length: 20 }, (_, i) => `m${String(i + 1).padStart(2, "0")}`));
  const [plan = ""] = await explainStatements(database.url, (db) =>
    listMetricNames(db, { projectId: "mine", limit: 100 }),
  );
  expect(plan).toContain("using metrics_project_name_timestamp_idx");
  expect(plan).not.toContain("Seq Scan");
  const probes = [...plan.matchAll(/using metrics_project_name_timestamp_idx on .*\(actual rows=(\S+) loops=(\d+)\)/g)];
  const rowsRead = probes.reduce((sum, [, rows, loops]) => sum + Number(rows) * Number(loops), 0);
  expect(rowsRead).toBeGreaterThanOrEqual(20);
  expect(rowsRead).toBeLessThanOrEqual(21);
  expect(await listMetricNames(database.db, { projectId: "mine", limit: 3 })).toEqual(["m01", "m02", "m03"]);
});

test("points that tell no series are read by their range of the index and no more", async () => {
  await using database = await setupDatabase();
  await fillUntold(database.db);
  const result = await queryMetricSeries(database.db, QUERY);
  expect(result.series).toHaveLength(10);
  expect(result.series[0]).toEqual(FIRST_SERIES);
  const [, plan = ""] = await explainStatements(database.url, (db) => queryMetricSeries(db, QUERY));
  expect(plan).toMatch(/(Index|Bitmap Index) Scan (using|on) metrics_project_name_timestamp_idx[^\n]*rows=60/);
  expect(plan).not.toContain("Seq Scan");
});

test("points of known series are read from their index alone", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const result = await queryMetricSeries(database.db, QUERY);
  expect(result.series).toHaveLength(10);
  expect(result.series[0]).toEqual(FIRST_SERIES);
  const [list = "", read = ""] = await explainStatements(database.url, (db) => queryMetricSeries(db, QUERY));
  expect(`${list}${read}`).not.toMatch(/Seq Scan on metrics|metrics_project_name_timestamp_idx/);
  expect(read).toMatch(/Index Only Scan using metrics_series_idx[^\n]*rows=6.00 loops=10/);
});

test("points are vacuumed soon, without which their rows are looked at", async () => {
  await using database = await setupDatabase();
  const rows = await database.db.execute(sql`select reloptions from pg_class where oid = ${"metrics"}::regclass`);
  expect([...rows]).toEqual([{ reloptions: ["autovacuum_vacuum_insert_scale_factor=0.01"] }]);
});

test("cuts series and points where it is told to", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const range = { fromUs: T0_US, toUs: T0_US + 599 * SECOND_US };
  const latestUs = T0_US + 540 * SECOND_US;
  const whole = await queryMetricSeries(database.db, { ...QUERY, ...range });
  expect(whole).toMatchObject({ truncated: false, latestUs });
  const cut = await queryMetricSeries(database.db, { ...QUERY, ...range, maxSeries: 2, maxPoints: 3 });
  expect(cut).toEqual({
    series: whole.series.slice(0, 2).map(({ labels, points }) => ({ labels, points: points.slice(0, 3) })),
    latestUs,
    truncated: true,
  });
});

test("says the same bucket by bucket and all at once, whatever is asked", async () => {
  await using database = await setupDatabase();
  await fillUntold(database.db);
  const fromUs = T0_US + 30 * SECOND_US;
  const narrow = { fromUs, toUs: T0_US + 5_000 * SECOND_US };
  // So wide that the buckets are too many to be asked for one by one.
  const wide = { fromUs, toUs: T0_US + 30_000 * 86_400 * SECOND_US };
  const queries = METRIC_STEPS.flatMap((step) =>
    METRIC_AGGREGATIONS.map((aggregation) => ({ ...QUERY, step, aggregation, environments: ["default"] })),
  );
  const ask = async (query: MetricSeriesQuery) => {
    const some = await queryMetricSeries(database.db, { ...query, ...narrow });
    expect(some.series, `${query.step} ${query.aggregation}`).toHaveLength(10);
    expect(some, `${query.step} ${query.aggregation}`).toEqual(
      await queryMetricSeries(database.db, { ...query, ...wide }),
    );
    return some;
  };
  const untold = [];
  for (const query of queries) untold.push(await ask(query));
  await tellSeries(database.db);
  for (const [i, query] of queries.entries()) expect(await ask(query)).toEqual(untold[i]);
});

const MINUTE_US = 60 * SECOND_US;
/** Few, so that points share a microsecond and ranges begin and end with one; some far apart. */
const time = fc
  .tuple(fc.constantFrom(-7_000, 0, 1, 2, 5, 61, 1_440, 30_000), fc.constantFrom(-1, 0, 1))
  .map(([minute, more]) => T0_US + minute * MINUTE_US + more);
const model = fc.constantFrom("a", "b", "\u00e9", "");
const labels = fc.oneof(
  fc.constant({}),
  fc.record({ model }, { noNullPrototype: true }),
  fc.record({ model, region: fc.constantFrom("eu", "us") }, { noNullPrototype: true }),
);
const point = fc.record({
  environment: fc.constantFrom("prod", "test"),
  labels,
  value: fc.integer({ min: -9, max: 9 }),
  timestamp: time,
});
const asked = fc.record({
  times: fc.tuple(time, time),
  labels: fc.option(labels, { nil: undefined }),
  environments: fc.option(fc.subarray(["prod", "test"], { minLength: 1 }), { nil: undefined }),
  step: fc.constantFrom(...METRIC_STEPS),
  aggregation: fc.constantFrom(...METRIC_AGGREGATIONS),
  groupBy: fc.constantFrom({ by: "labels" } as const, { by: "key", key: "model" } as const, { by: "none" } as const),
  maxSeries: fc.integer({ min: 1, max: 4 }),
  maxPoints: fc.integer({ min: 1, max: 4 }),
});

test("says the same of points that tell their series, of those that do not, and of both together", async () => {
  await using database = await setupDatabase();
  const { db } = database;
  const uuids = fc.uniqueArray(fc.uuid(), { minLength: 30, maxLength: 30 });
  const points = fc.array(point, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(points, uuids, fc.array(asked, { minLength: 5, maxLength: 5 }), async (stored, ids, queries) => {
      await db.execute(sql`truncate ${metrics}, ${metricSeries}`);
      const rows = ["told", "untold", "mixed"].flatMap((projectId) =>
        stored.map((row, i) => ({ projectId, id: ids[i] ?? "", name: "m", ...row })),
      );
      if (rows.length > 0) await db.insert(metrics).values(rows);
      await tellSeries(
        db,
        sql`${eq(metrics.projectId, "told")} or (${eq(metrics.projectId, "mixed")} and ${metrics.value} > 0)`,
      );
      for (const { times, ...query } of queries) {
        const ask = (projectId: string) =>
          queryMetricSeries(db, {
            ...query,
            projectId,
            name: "m",
            fromUs: Math.min(...times),
            toUs: Math.max(...times),
          });
        const untold = await ask("untold");
        expect(await ask("told")).toEqual(untold);
        expect(await ask("mixed")).toEqual(untold);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("groups points where more series than can be listed have them", async () => {
  await using database = await setupDatabase();
  const { db } = database;
  const store = async (from: number, to: number) => {
    await db.execute(sql`
      insert into ${metrics} (project_id, id, environment, name, labels, value, timestamp)
      select 'mine', gen_random_uuid(), 'default', 'm', jsonb_build_object('host', i), 1, to_timestamp(${T0_US / SECOND_US})
      from generate_series(${from}::int, ${to}::int) i`);
    await tellSeries(db);
  };
  const sum = async () => {
    const query: MetricSeriesQuery = { ...QUERY, name: "m", fromUs: T0_US, toUs: T0_US, groupBy: { by: "none" } };
    const statements = await explainStatements(database.url, (asking) => queryMetricSeries(asking, query));
    const { series } = await queryMetricSeries(db, query);
    return { sum: series[0]?.points[0]?.value, reads: statements[1]?.includes("metrics_series_idx") };
  };
  await store(1, 500);
  expect(await sum()).toEqual({ sum: 500, reads: true });
  await store(501, 501);
  expect(await sum()).toEqual({ sum: 501, reads: false });
});
