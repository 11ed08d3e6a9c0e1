import type { JsonObject } from "@xtrace/contract";
import { and, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { EXPERIMENT_ID_OF_SPAN, IS_EXPERIMENT_ITEM, observations } from "../schema/observations.ts";
import { SPAN_EXPERIMENT_FILTER_COLUMNS } from "./experiment-filter-columns.ts";
import type { ExperimentFilter, ExperimentPage, ExperimentRow } from "./experiment.ts";
import { experimentAttributesOf } from "./experiment-attributes.ts";
import { experimentSpanConditions } from "./experiment-spans.ts";

/**
 * Experiments that only spans tell of, by the start of their last item in the range, newest first.
 * What is said of the experiment is what its first item in the range says.
 */
export async function listSpanExperiments(
  db: Database,
  { filter, before, limit }: ExperimentPage & { readonly filter: ExperimentFilter },
): Promise<ExperimentRow[]> {
  const { fromUs, toUs } = filter;
  const { startTime, endTime, id, projectId, metadata } = observations;
  const timeOf = (us: number) => sql`${sql.param(us, startTime)}::timestamptz`;
  const matches = and(
    experimentSpanConditions(filter),
    filterConditions(SPAN_EXPERIMENT_FILTER_COLUMNS, filter.conditions ?? []),
    fromUs === undefined ? undefined : gte(startTime, fromUs),
    toUs === undefined ? undefined : lt(startTime, toUs),
  );
  const rows = await db.execute<Row>(sql`
    with found as (
      select ${EXPERIMENT_ID_OF_SPAN} as id, min(${startTime}) as started_at, max(${startTime}) as active_at,
        max(greatest(${startTime}, ${endTime})) as ended_at, count(*)::int as item_count
      from ${observations} where ${matches} group by 1
    ),
    page as (
      select * from found
      ${before ? sql`where (active_at, id) < (${timeOf(before.timestampUs)}, ${before.id})` : sql``}
      order by active_at desc, id desc limit ${limit}
    )
    select page.id, (extract(epoch from started_at) * 1000000)::bigint as started_us,
      (extract(epoch from active_at) * 1000000)::bigint as active_us,
      (extract(epoch from ended_at) * 1000000)::bigint as ended_us, item_count, first.metadata
    from page cross join lateral (
      select ${metadata} from ${observations}
      where ${eq(projectId, filter.projectId)} and ${IS_EXPERIMENT_ITEM} and ${EXPERIMENT_ID_OF_SPAN} = page.id
        and ${startTime} = page.started_at
      order by ${id} limit 1
    ) as first
    order by active_at desc, page.id desc`);
  return rows.map((row) => {
    const said = experimentAttributesOf(row.metadata);
    return {
      id: row.id,
      name: said.text("name") ?? row.id,
      description: said.text("description"),
      metadata: said.object("metadata"),
      datasetId: said.text("dataset.id"),
      itemCount: row.item_count,
      startedAt: Number(row.started_us),
      activeAt: Number(row.active_us),
      endedAt: Number(row.ended_us),
    };
  });
}

/** Microseconds as text, as the driver reads a `bigint`. */
type Row = {
  id: string;
  started_us: string;
  active_us: string;
  ended_us: string;
  item_count: number;
  metadata: JsonObject;
};
