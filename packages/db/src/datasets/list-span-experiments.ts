import { and, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { EXPERIMENT_ID_OF_SPAN, observations } from "../schema/observations.ts";
import { SPAN_EXPERIMENT_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentFilter, ExperimentPage, ExperimentRow } from "./experiment.ts";
import { experimentAttribute, experimentSpanConditions, readAttribute } from "./experiment-spans.ts";

/**
 * Experiments that only spans tell of, by the start of their first item in the range, newest first.
 * What is said of the experiment is what its first item in the range says.
 */
export async function listSpanExperiments(
  db: Database,
  { filter, before, limit }: ExperimentPage & { readonly filter: ExperimentFilter },
): Promise<ExperimentRow[]> {
  const { fromUs, toUs } = filter;
  const { startTime, endTime, id } = observations;
  const timeOf = (us: number) => sql`${sql.param(us, startTime)}::timestamptz`;
  const first = (name: string) => sql`(array_agg(${experimentAttribute(name)} order by ${startTime}, ${id}))[1]`;
  const rows = await db.execute<Row>(sql`
    with found as (
      select ${EXPERIMENT_ID_OF_SPAN} as id, min(${startTime}) as started_at, max(greatest(${startTime}, ${endTime})) as ended_at,
        count(*)::int as item_count, ${first("name")} as name, ${first("description")} as description,
        ${first("metadata")} as metadata, ${first("dataset.id")} as dataset_id
      from ${observations}
      where ${and(experimentSpanConditions(filter), filterConditions(SPAN_EXPERIMENT_FILTER_COLUMNS, filter.conditions ?? []))}
        ${fromUs === undefined ? sql`` : sql`and ${startTime} >= ${timeOf(fromUs)}`}
        ${toUs === undefined ? sql`` : sql`and ${startTime} < ${timeOf(toUs)}`}
      group by 1
    )
    select id, (extract(epoch from started_at) * 1000000)::bigint as started_us,
      (extract(epoch from ended_at) * 1000000)::bigint as ended_us, item_count, name, description, metadata, dataset_id
    from found
    ${before ? sql`where (started_at, id) < (${timeOf(before.timestampUs)}, ${before.id} collate "C")` : sql``}
    order by started_at desc, id collate "C" desc limit ${limit}`);
  return rows.map((row) => ({
    id: row.id,
    name: row.name ?? row.id,
    description: row.description,
    metadata: readAttribute(row.metadata),
    datasetId: row.dataset_id,
    itemCount: row.item_count,
    createdAt: Number(row.started_us),
    endedAt: Number(row.ended_us),
  }));
}

/** Microseconds as text, as the driver reads a `bigint`. */
type Row = {
  id: string;
  started_us: string;
  ended_us: string;
  item_count: number;
  name: string | null;
  description: string | null;
  metadata: string | null;
  dataset_id: string | null;
};
