import { sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage, traceUsage } from "../schema/usage.ts";
import type { UsageDelta } from "./usage-deltas.ts";

/**
 * Applies a batch's deltas to the totals of its traces and to the usage rollups, in one statement.
 *
 * The caller's transaction holds the lock of every trace concerned, so what it read as `before` is
 * what the totals contain. Rollup rows are shared by many traces: they are taken last and in key order.
 * A trace joins a daily rollup row when its count there leaves zero, and leaves it when it comes back to zero.
 */
export async function applyUsage(tx: Database, deltas: readonly UsageDelta[]): Promise<void> {
  if (deltas.length === 0) return;
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
    ), changed as (
      select * from (
        select project_id, trace_id, day, type, model, ${SUMS} from delta group by project_id, trace_id, day, type, model
      ) summed
      where (observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost) <> (0, 0, 0, 0, 0)
    ), applied as (
      insert into ${traceUsage} (project_id, trace_id, day, type, model,
        observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost)
      select * from changed order by project_id, trace_id, day, type, model
      on conflict (project_id, trace_id, day, type, model) do update set
        observation_count = trace_usage.observation_count + excluded.observation_count,
        prompt_tokens = trace_usage.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = trace_usage.completion_tokens + excluded.completion_tokens,
        total_tokens = trace_usage.total_tokens + excluded.total_tokens,
        total_cost = trim_scale(trace_usage.total_cost + excluded.total_cost)
      returning project_id, trace_id, day, type, model, observation_count
    )
    insert into ${dailyUsage} (project_id, day, type, model, trace_count,
      observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost)
    select c.project_id, c.day, c.type, c.model,
      sum((a.observation_count > 0)::int - (a.observation_count - c.observation_count > 0)::int),
      sum(c.observation_count), sum(c.prompt_tokens), sum(c.completion_tokens), sum(c.total_tokens), trim_scale(sum(c.total_cost))
    from changed c join applied a using (project_id, trace_id, day, type, model)
    group by c.project_id, c.day, c.type, c.model
    order by c.project_id, c.day, c.type, c.model
    on conflict (project_id, day, type, model) do update set
      trace_count = daily_usage.trace_count + excluded.trace_count,
      observation_count = daily_usage.observation_count + excluded.observation_count,
      prompt_tokens = daily_usage.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = daily_usage.completion_tokens + excluded.completion_tokens,
      total_tokens = daily_usage.total_tokens + excluded.total_tokens,
      total_cost = trim_scale(daily_usage.total_cost + excluded.total_cost)`);
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
