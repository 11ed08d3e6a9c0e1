import { and, gte, lt, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { metrics } from "../schema/metrics.ts";
import type { MetricSeriesQuery, MetricSeriesResult } from "./metric-series.ts";
import {
  AGGREGATE_SQL,
  bucketOf,
  groupKey,
  hasLabels,
  hasName,
  isInRange,
  labelsOf,
  STEP_SQL,
  STEP_US,
  timeOf,
} from "./metric-sql.ts";

/**
 * The answer from all points of a name: reads the range of `metrics_project_name_timestamp_idx`, and what each point's labels
 * make its series. The cut happens in the database: a range of years costs its scan, not its transfer.
 *
 * Buckets are read one by one while they are not too many: a bucket's points are sorted in memory, where those of all
 * buckets together would be sorted on disk (300,000 points: 0.35 s, and 0.2 s bucket by bucket).
 */
export async function groupMetricPoints(db: Database, query: MetricSeriesQuery): Promise<MetricSeriesResult> {
  const rows = await db.execute<Row>(sql`
    with buckets as (${areFewBuckets(query) ? bucketByBucket(query) : allBuckets(query)}),
    numbered as (
      select series, bucket, value, row_number() over (partition by series order by bucket) as place from buckets
    )
    select
      series,
      array_agg(extract(epoch from bucket)::double precision order by bucket) filter (where place <= ${query.maxPoints}) as starts,
      array_agg(value order by bucket) filter (where place <= ${query.maxPoints}) as values,
      count(*) > ${query.maxPoints} as cut,
      extract(epoch from max(max(bucket)) over ())::double precision as latest,
      (count(*) over ())::integer as series_count
    from numbered group by series order by series limit ${query.maxSeries}`);
  return resultOf(rows, query);
}

/** An empty one costs 10 µs. */
const FEW_BUCKETS = 20_000;

/** With labels PostgreSQL may look each bucket up in the index of labels, and read all their points each time. */
function areFewBuckets({ fromUs, toUs, step, labels }: MetricSeriesQuery): boolean {
  return labels === undefined && toUs - fromUs < FEW_BUCKETS * STEP_US[step];
}

/** Series, bucket and value. */
function bucketByBucket(query: MetricSeriesQuery): SQL {
  const step = STEP_SQL[query.step];
  const start = sql`bucket.start`;
  return sql`
    select series, ${start} as bucket, value
    from generate_series(${bucketOf(timeOf(query.fromUs), query.step)}, ${timeOf(query.toUs)}, ${step}) as bucket (start),
    lateral (
      select series, ${AGGREGATE_SQL[query.aggregation]} as value from (
        select ${pointColumns(query)} from ${metrics}
        where ${and(pointCondition(query), gte(metrics.timestamp, start), lt(metrics.timestamp, sql`${start} + ${step}`))}
      ) as points group by series
    ) as found`;
}

function allBuckets(query: MetricSeriesQuery): SQL {
  return sql`
    select series, bucket, ${AGGREGATE_SQL[query.aggregation]} as value from (
      select ${pointColumns(query)}, ${bucketOf(metrics.timestamp, query.step)} as bucket
      from ${metrics} where ${pointCondition(query)}
    ) as points group by series, bucket`;
}

function pointColumns({ groupBy }: MetricSeriesQuery): SQL {
  return sql`${groupKey(groupBy, metrics.labels)} collate "C" as series, ${metrics.value}, ${metrics.timestamp}, ${metrics.id}`;
}

function pointCondition(query: MetricSeriesQuery): SQL | undefined {
  return and(hasName(metrics, query), isInRange(query), hasLabels(metrics, query));
}

/** Times in seconds. */
type Row = {
  series: string;
  starts: number[];
  values: number[];
  cut: boolean;
  latest: number;
  series_count: number;
};

function resultOf(rows: readonly Row[], { groupBy, maxSeries }: MetricSeriesQuery): MetricSeriesResult {
  const first = rows[0];
  if (!first) return { series: [], latestUs: undefined, truncated: false };
  return {
    series: rows.map(({ series, starts, values }) => ({
      labels: labelsOf(series, groupBy),
      points: values.map((value, i) => ({ startUs: (starts[i] ?? 0) * 1_000_000, value })),
    })),
    latestUs: first.latest * 1_000_000,
    truncated: first.series_count > maxSeries || rows.some((row) => row.cut),
  };
}
