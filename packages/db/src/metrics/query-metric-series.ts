import type { Database } from "../client.ts";
import { groupMetricPoints } from "./group-metric-points.ts";
import { listMetricSeries } from "./list-metric-series.ts";
import type { MetricSeriesQuery, MetricSeriesResult } from "./metric-series.ts";
import { readListedSeries } from "./read-listed-series.ts";

/**
 * A metric's points in buckets that are aligned to the Unix epoch in UTC, one aggregate a bucket. Series are ordered by their
 * labels, points by time; the first `maxSeries` and the oldest `maxPoints` stay, so that a caller continues from the last
 * timestamp that it got.
 *
 * Series that can be listed are read from an index that holds nothing but their values, bucket by bucket.
 */
export async function queryMetricSeries(db: Database, query: MetricSeriesQuery): Promise<MetricSeriesResult> {
  const groups = await listMetricSeries(db, query);
  return groups === null ? await groupMetricPoints(db, query) : await readListedSeries(db, query, groups);
}
