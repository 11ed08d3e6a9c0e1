import { METRIC_AGGREGATIONS } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase } from "../../test/setup-database.ts";
import type { Database } from "../client.ts";
import { metrics } from "../schema/metrics.ts";
import { listMetricNames } from "./list-metric-names.ts";
import { queryMetricSeries, type MetricSeriesQuery } from "./query-metric-series.ts";

const T0_US = Date.UTC(2026, 0, 1) * 1000;
const SECOND_US = 1_000_000;

/** A point a second of each of 20 metrics, in 10 series each, and a project beside it. */
async function fill(db: Database): Promise<void> {
  await db.execute(sql`
    insert into ${metrics} (project_id, id, environment, name, labels, value, timestamp)
    select project, gen_random_uuid(), 'default', 'm' || lpad(name::text, 2, '0'), jsonb_build_object('series', (point % 10)::text), point,
      to_timestamp(${T0_US / SECOND_US}) + point * interval '1 second'
    from unnest(array['mine', 'theirs']) project, generate_series(1, 20) name, generate_series(0, 1999) point`);
  await db.execute(sql`vacuum analyze ${metrics}`);
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

test("a query reads its range of the index and no more", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const result = await queryMetricSeries(database.db, QUERY);
  expect(result.series).toHaveLength(10);
  expect(result.series[0]).toEqual({
    labels: { series: "0" },
    points: [{ startUs: T0_US + 60 * SECOND_US, value: 60 + 70 + 80 + 90 + 100 + 110 }],
  });
  const [plan = ""] = await explainStatements(database.url, (db) => queryMetricSeries(db, QUERY));
  expect(plan).toMatch(/(Index|Bitmap Index) Scan (using|on) metrics_project_name_timestamp_idx[^\n]*rows=60/);
  expect(plan).not.toContain("Seq Scan");
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
  await fill(database.db);
  const fromUs = T0_US + 30 * SECOND_US;
  const narrow = { fromUs, toUs: T0_US + 5_000 * SECOND_US };
  // So wide that the buckets are too many to be asked for one by one.
  const wide = { fromUs, toUs: T0_US + 30_000 * 86_400 * SECOND_US };
  for (const step of ["1m", "5m", "1h", "1d"] as const) {
    for (const aggregation of METRIC_AGGREGATIONS) {
      const query = { ...QUERY, step, aggregation, environments: ["default"] };
      const some = await queryMetricSeries(database.db, { ...query, ...narrow });
      expect(some.series, `${step} ${aggregation}`).toHaveLength(10);
      expect(some, `${step} ${aggregation}`).toEqual(await queryMetricSeries(database.db, { ...query, ...wide }));
    }
  }
});
