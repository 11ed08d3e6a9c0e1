import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage, facetUsage, traceUsage } from "../schema/usage.ts";
import type { FacetChanges } from "./facet-changes.ts";
import type { UsageDelta } from "./usage-deltas.ts";

/**
 * Applies a batch's deltas to the totals of its traces and to the usage rollups, in one statement.
 *
 * The caller's transaction holds the lock of every trace concerned, so what it read as `before` is
 * what the totals contain. Rollup rows are shared by many traces: they are taken last and in key order.
 * A trace joins a daily rollup row when its count there leaves zero, and leaves it when it comes back to zero.
 *
 * A trace's facets are those that it has now. What it used before the batch, which is what `trace_usage` shows to
 * this statement, moves from the values that it lost to those that it gained.
 */
export async function applyUsage(
  tx: Database,
  deltas: readonly UsageDelta[],
  { moved, counted }: FacetChanges,
): Promise<void> {
  if (deltas.length === 0 && moved.length === 0 && counted.length === 0) return;
  await tx.execute(sql`
    with delta as materialized (
      select * from ${deltaRecordset(deltas)}
    ), totals as (
      update ${traces} t set
        observation_count = t.observation_count + d.observation_count,
        error_count = t.error_count + d.error_count,
        prompt_tokens = t.prompt_tokens + d.prompt_tokens,
        completion_tokens = t.completion_tokens + d.completion_tokens,
        total_tokens = t.total_tokens + d.total_tokens,
        total_cost = trim_scale(t.total_cost + d.total_cost),
        first_start_time = least(t.first_start_time, d.first_start_time),
        last_end_time = greatest(t.last_end_time, d.last_end_time)
      from (
        select project_id, trace_id, ${SUMS}, sum(error_count)::int as error_count,
          ${timeOf("min(start_us)")} as first_start_time, ${timeOf("max(end_us)")} as last_end_time
        from delta group by project_id, trace_id
      ) d
      where t.project_id = d.project_id and t.id = d.trace_id
      returning t.project_id, t.id as trace_id, t.name, t.environment, t.release, t.version
    ), changed as (
      select * from (
        select project_id, trace_id, day, type, model, ${SUMS} from delta group by project_id, trace_id, day, type, model
      ) summed
      where (observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost) <> (0, 0, 0, 0, 0)
    ), applied as (
      insert into ${traceUsage} (project_id, trace_id, day, type, model, ${SUMMED})
      select * from changed order by project_id, trace_id, day, type, model
      on conflict (project_id, trace_id, day, type, model) do update set ${addedTo("trace_usage")}
      returning project_id, trace_id, day, type, model, observation_count
    ), joined as materialized (
      -- All of them are there: "left" keeps the planner from expecting one row, which it would join row by row.
      select c.*, (a.observation_count > 0)::int - (a.observation_count - c.observation_count > 0)::int as trace_count
      from changed c left join applied a using (project_id, trace_id, day, type, model)
    ), daily as (
      insert into ${dailyUsage} (project_id, day, type, model, trace_count, ${SUMMED})
      select project_id, day, type, model, sum(trace_count), ${SUMS}
      from joined group by project_id, day, type, model
      order by project_id, day, type, model
      on conflict (project_id, day, type, model) do update set ${joinedBy("daily_usage")}, ${addedTo("daily_usage")}
    )
    insert into ${facetUsage} (project_id, facet, value, day, type, model, trace_count, ${SUMMED})
    select project_id, facet, value, day, type, model, sum(trace_count), ${SUMS}
    from (
      select j.project_id, f.facet, f.value, j.day, j.type, j.model, j.trace_count,
        j.observation_count, j.prompt_tokens, j.completion_tokens, j.total_tokens, j.total_cost
      from joined j join totals t using (project_id, trace_id) cross join lateral unnest(
        array['name', 'environment', 'release', 'version'], array[t.name, coalesce(t.environment, 'default'), t.release, t.version]
      ) f(facet, value)
      where f.value is not null
      ${moved.length === 0 ? sql`` : sql`union all ${movedUsage(moved)}`}
      ${counted.length === 0 ? sql`` : sql`union all ${tracesByFacet(counted)}`}
    ) parts
    group by project_id, facet, value, day, type, model
    order by project_id collate "C", facet collate "C", value collate "C", day, type, model
    on conflict (project_id, facet, value, day, type, model) do update set
      ${joinedBy("facet_usage")}, ${addedTo("facet_usage")}`);
}

function movedUsage(moved: FacetChanges["moved"]): SQL {
  return sql`
    select m.project_id, m.facet, m.value, u.day, u.type, u.model, m.sign * (u.observation_count > 0)::int,
      m.sign * u.observation_count, m.sign * u.prompt_tokens, m.sign * u.completion_tokens,
      m.sign * u.total_tokens, m.sign * u.total_cost
    from json_to_recordset(${JSON.stringify(moved)}::text::json)
      as m(project_id text, trace_id text, facet text, value text, sign int)
    join ${traceUsage} u on u.project_id = m.project_id and u.trace_id = m.trace_id`;
}

function tracesByFacet(counted: FacetChanges["counted"]): SQL {
  return sql`
    select project_id, facet, value, day, '', '', traces, 0, 0, 0, 0, 0
    from json_to_recordset(${JSON.stringify(counted)}::text::json)
      as n(project_id text, facet text, value text, day date, traces int)`;
}

/** The columns that `SUMS` makes, and `addedTo` adds up. */
const SUMMED = sql.raw("observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost");

function addedTo(rollup: "trace_usage" | "daily_usage" | "facet_usage"): SQL {
  return sql.raw(`
    observation_count = ${rollup}.observation_count + excluded.observation_count,
    prompt_tokens = ${rollup}.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = ${rollup}.completion_tokens + excluded.completion_tokens,
    total_tokens = ${rollup}.total_tokens + excluded.total_tokens,
    total_cost = trim_scale(${rollup}.total_cost + excluded.total_cost)`);
}

function joinedBy(rollup: "daily_usage" | "facet_usage"): SQL {
  return sql.raw(`trace_count = ${rollup}.trace_count + excluded.trace_count`);
}

function deltaRecordset(deltas: readonly UsageDelta[]): SQL {
  const rows = deltas.map((delta) => ({
    project_id: delta.projectId,
    trace_id: delta.traceId,
    day: delta.day,
    type: delta.type,
    model: delta.model,
    observation_count: delta.observationCount,
    error_count: delta.errorCount,
    prompt_tokens: delta.promptTokens,
    completion_tokens: delta.completionTokens,
    total_tokens: delta.totalTokens,
    total_cost: delta.totalCost?.toFixed() ?? 0,
    start_us: delta.startUs,
    end_us: delta.endUs,
  }));
  return sql`json_to_recordset(${JSON.stringify(rows)}::text::json) as r(
    project_id text, trace_id text, day date, type text, model text, observation_count int, error_count int,
    prompt_tokens bigint, completion_tokens bigint, total_tokens bigint, total_cost numeric, start_us bigint, end_us bigint)`;
}

/** `trim_scale`, or a cost that came and went would leave 0.00 where another order of events leaves 0. */
const SUMS = sql.raw(
  `sum(observation_count)::int as observation_count, sum(prompt_tokens)::bigint as prompt_tokens,
   sum(completion_tokens)::bigint as completion_tokens, sum(total_tokens)::bigint as total_tokens,
   trim_scale(sum(total_cost)) as total_cost`,
);

function timeOf(timeUs: string): SQL {
  return sql.raw(`timestamptz 'epoch' + ${timeUs} * interval '1 microsecond'`);
}

/** Looks the first start and last end up again. Reads `observations_project_trace_idx`. */
export async function recomputeBounds(
  tx: Database,
  changed: ReadonlyArray<{ projectId: string; traceId: string }>,
): Promise<void> {
  if (changed.length === 0) return;
  const keys = JSON.stringify(changed.map(({ projectId, traceId }) => ({ project_id: projectId, trace_id: traceId })));
  await tx.execute(sql`
    update ${traces} t set first_start_time = b.first_start_time, last_end_time = b.last_end_time
    from (
      select o.project_id, o.trace_id, min(o.start_time) as first_start_time,
        max(greatest(o.start_time, o.end_time)) as last_end_time
      from ${observations} o
      join json_to_recordset(${keys}::text::json) as r(project_id text, trace_id text)
        on o.project_id = r.project_id and o.trace_id = r.trace_id
      group by o.project_id, o.trace_id
    ) b
    where t.project_id = b.project_id and t.id = b.trace_id`);
}
