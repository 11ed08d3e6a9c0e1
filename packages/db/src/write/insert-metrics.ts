import type { IngestJob } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { seriesId } from "../metrics/metric-sql.ts";
import { metrics, metricSeries } from "../schema/metrics.ts";
import { columnList, recordset } from "./recordset.ts";

const COLUMNS = ["projectId", "id", "environment", "name", "labels", "value", "timestamp"];
const SERIES_COLUMNS = ["projectId", "name", "series", "environment", "labels"];

/**
 * Stores points, each once: a replayed one has the id of the stored one. Returns how many were new.
 *
 * Their series are added where they are missing, in the order of their ids, so that two writers of new ones do not wait for each other.
 */
export async function insertMetrics(tx: Database, jobs: readonly IngestJob[]): Promise<number> {
  const rows = jobs
    .flatMap(({ projectId, events }) =>
      events.metrics.map(({ timestampUs, ...point }) => ({ projectId, ...point, timestamp: timestampUs })),
    )
    .toSorted((a, b) => (a.projectId + a.id < b.projectId + b.id ? -1 : 1));
  if (rows.length === 0) return 0;
  const points = recordset(metrics, COLUMNS, rows);
  const series = seriesId({
    projectId: points.value("projectId"),
    name: points.value("name"),
    environment: points.value("environment"),
    labels: points.value("labels"),
  });
  const columns = columnList(metrics, [...COLUMNS, "series"]);
  const seriesColumns = columnList(metricSeries, SERIES_COLUMNS);
  const [stored] = await tx.execute<{ count: number }>(sql`
    with points (${columns}) as materialized (select ${points.values}, ${series} from ${points.from}),
    stored as (
      insert into ${metrics} (${columns}) select * from points on conflict do nothing returning 1
    ),
    told as (
      insert into ${metricSeries} (${seriesColumns})
      select distinct on (series) ${seriesColumns} from points order by series
      on conflict do nothing
    )
    select count(*)::integer as count from stored`);
  return stored?.count ?? 0;
}
