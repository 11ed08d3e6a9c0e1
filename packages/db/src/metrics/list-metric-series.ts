import { and, isNull, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { metrics, metricSeries } from "../schema/metrics.ts";
import type { MetricSeriesQuery } from "./metric-series.ts";
import { bucketOf, groupKey, hasLabels, hasName, isInRange } from "./metric-sql.ts";

/** Stored series that make one series of an answer. */
export type SeriesGroup = {
  readonly key: string;
  readonly ids: readonly string[];
  /** The starts of the first and of the last bucket that holds a point, Unix epoch microseconds. */
  readonly firstUs: number;
  readonly latestUs: number;
};

/** Each costs two looks into `metrics_series_idx`, 15 µs. */
const MAX_LISTED = 500;

/**
 * The series that have points in the range, as the answer groups them and in the order of their keys. `null` where they are too
 * many to be listed, or where points of the range do not tell theirs, as those of earlier workers.
 */
export async function listMetricSeries(db: Database, query: MetricSeriesQuery): Promise<SeriesGroup[] | null> {
  const rows = await db.execute<Row>(sql`
    with asked as materialized (
      select ${metricSeries.series}, ${groupKey(query.groupBy, metricSeries.labels)} collate "C" as key
      from ${metricSeries} where ${and(hasName(metricSeries, query), hasLabels(metricSeries, query))}
      limit ${MAX_LISTED + 1}
    ),
    lack as materialized (
      select (select count(*) from asked) > ${MAX_LISTED}
        or exists (select from ${metrics} where ${and(hasName(metrics, query), isNull(metrics.series), isInRange(query))}) as is_there
    ),
    listed as materialized (
      select key, series, (${pointOf(query, sql`asc`)}) as first, (${pointOf(query, sql`desc`)}) as last
      from asked where not (select is_there from lack)
    )
    select key, array_agg(series) as ids, ${secondsOf(query, sql`min(first)`)} as first, ${secondsOf(query, sql`max(last)`)} as latest
    from listed where first is not null group by key
    union all
    select null, null, null, null from lack where is_there
    order by key`);
  if (rows.some(({ key }) => key === null)) return null;
  return rows.map(({ key, ids, first, latest }) => ({
    key: key ?? "",
    ids,
    firstUs: first * 1_000_000,
    latestUs: latest * 1_000_000,
  }));
}

type Row = { key: string | null; ids: string[]; first: number; latest: number };

/** The time of the first or last point of a series of `asked`. */
function pointOf(query: MetricSeriesQuery, order: SQL): SQL {
  return sql`
    select ${metrics.timestamp} from ${metrics}
    where ${and(sql`${metrics.series} = asked.series`, isInRange(query))} order by ${metrics.timestamp} ${order} limit 1`;
}

function secondsOf({ step }: MetricSeriesQuery, time: SQL): SQL {
  return sql`extract(epoch from ${bucketOf(time, step)})::double precision`;
}
