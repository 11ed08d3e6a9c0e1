import type { Database } from "../client.ts";
import type { SeriesGroup } from "./list-metric-series.ts";
import type { MetricBucket, MetricSeriesQuery, MetricSeriesResult } from "./metric-series.ts";
import { labelsOf, STEP_US } from "./metric-sql.ts";
import { readSlice } from "./read-slice.ts";

/**
 * The answer from series that are known, whose values are in `metrics_series_idx`, so that no row is looked at.
 *
 * Reads from the first bucket on, so many at a time as a series may have, and on until each has them: a week by the
 * minute is not read when a thousand minutes are all that is told of it.
 */
export async function readListedSeries(
  db: Database,
  query: MetricSeriesQuery,
  groups: readonly SeriesGroup[],
): Promise<MetricSeriesResult> {
  const stepUs = STEP_US[query.step];
  const kept = groups.slice(0, query.maxSeries).map((group) => ({ group, points: [] as MetricBucket[] }));
  let open = kept;
  let startUs = Math.min(...kept.map(({ group }) => group.firstUs));
  for (let buckets = query.maxPoints; open.length > 0; buckets *= 2) {
    const newestUs = Math.max(...open.map(({ group }) => group.latestUs));
    const endUs = Math.min(startUs + buckets * stepUs, newestUs + stepUs);
    const slices = await readSlice(db, query, { groups: open.map(({ group }) => group), startUs, endUs });
    open.forEach(({ points }, place) => points.push(...(slices[place] ?? [])));
    open = open.filter(({ group, points }) => points.length < query.maxPoints && group.latestUs >= endUs);
    startUs = endUs;
  }
  return {
    series: kept.map(({ group, points }) => ({
      labels: labelsOf(group.key, query.groupBy),
      points: points.slice(0, query.maxPoints),
    })),
    latestUs: groups.length === 0 ? undefined : Math.max(...groups.map(({ latestUs }) => latestUs)),
    truncated:
      groups.length > kept.length ||
      kept.some(({ group, points }) => group.latestUs > (points[query.maxPoints - 1]?.startUs ?? Infinity)),
  };
}
