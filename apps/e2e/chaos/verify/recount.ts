import type postgres from "postgres";

/** Totals that the writer keeps by deltas, counted anew from the rows: one line for each that differs. */
export async function recount(sql: postgres.Sql): Promise<string[]> {
  const differences = [
    ...(await traceTotals(sql)),
    ...(await traceUsage(sql)),
    ...(await dailyUsage(sql)),
    ...(await facetUsage(sql)),
    ...(await hourlyCounts(sql)),
  ];
  return differences.map(({ what, kept, counted }) => `${what}: kept ${kept}, counted ${counted}`);
}

type Difference = { readonly what: string; readonly kept: string | null; readonly counted: string | null };

async function traceTotals(sql: postgres.Sql): Promise<Difference[]> {
  return await sql<Difference[]>`
    with counted as (
      select t.project_id, t.id, row(
        count(o.id), count(o.id) filter (where o.level = 'ERROR'), coalesce(sum(o.prompt_tokens), 0),
        coalesce(sum(o.completion_tokens), 0), coalesce(sum(o.total_tokens), 0), trim_scale(coalesce(sum(o.total_cost), 0)),
        min(o.start_time), max(greatest(o.start_time, o.end_time)))::text as totals
      from traces t left join observations o on o.project_id = t.project_id and o.trace_id = t.id
      group by t.project_id, t.id
    ), kept as (
      select project_id, id, row(observation_count, error_count, prompt_tokens, completion_tokens, total_tokens,
        trim_scale(total_cost), first_start_time, last_end_time)::text as totals
      from traces
    )
    select 'totals of trace ' || kept.id as what, kept.totals as kept, counted.totals as counted
    from kept join counted using (project_id, id) where kept.totals <> counted.totals`;
}

/** `traces.usage_by_day`, a row an entry. */
function keptUsage(sql: postgres.Sql) {
  return sql`(
    select project_id, id as trace_id, (entry->>0)::date as day, entry->>1 as type, entry->>2 as model,
      (entry->>3)::int as observation_count, (entry->>4)::bigint as prompt_tokens, (entry->>5)::bigint as completion_tokens,
      (entry->>6)::bigint as total_tokens, (entry->>7)::numeric as total_cost
    from traces, jsonb_array_elements(usage_by_day) as used (entry))`;
}

async function traceUsage(sql: postgres.Sql): Promise<Difference[]> {
  return await sql<Difference[]>`
    with counted as (
      select project_id, trace_id, (start_time at time zone 'UTC')::date as day, coalesce(type, 'SPAN') as type,
        coalesce(model, '') as model, row(count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
        coalesce(sum(total_tokens), 0), trim_scale(coalesce(sum(total_cost), 0)))::text as sums
      from observations group by 1, 2, 3, 4, 5
    ), kept as (
      select project_id, trace_id, day, type, model, row(observation_count, prompt_tokens, completion_tokens,
        total_tokens, trim_scale(total_cost))::text as sums
      from ${keptUsage(sql)} kept_usage
    )
    select concat_ws(' ', 'usage of trace', trace_id, day, type, model) as what, kept.sums as kept, counted.sums as counted
    from kept full join counted using (project_id, trace_id, day, type, model)
    where kept.sums is distinct from counted.sums`;
}

async function dailyUsage(sql: postgres.Sql): Promise<Difference[]> {
  return await sql<Difference[]>`
    with counted as (
      select project_id, day, type, model, row(count(*), sum(observation_count), sum(prompt_tokens),
        sum(completion_tokens), sum(total_tokens), trim_scale(sum(total_cost)))::text as sums
      from ${keptUsage(sql)} kept_usage group by 1, 2, 3, 4
    ), kept as (
      select project_id, day, type, model, row(trace_count, observation_count, prompt_tokens, completion_tokens,
        total_tokens, trim_scale(total_cost))::text as sums
      from daily_usage where trace_count <> 0
    )
    select concat_ws(' ', 'usage of', project_id, day, type, model) as what, kept.sums as kept, counted.sums as counted
    from kept full join counted using (project_id, day, type, model) where kept.sums is distinct from counted.sums`;
}

async function facetUsage(sql: postgres.Sql): Promise<Difference[]> {
  return await sql<Difference[]>`
    with facets as (
      select t.project_id, t.id as trace_id, t.timestamp, f.facet, f.value collate "C" as value from traces t, lateral (values
        ('name', t.name), ('environment', coalesce(t.environment, 'default')), ('release', t.release), ('version', t.version)
      ) as f(facet, value) where f.value is not null
    ), counted as (
      select project_id, facet, value, day, type, model, row(count(*), sum(observation_count), sum(prompt_tokens),
        sum(completion_tokens), sum(total_tokens), trim_scale(sum(total_cost)))::text as sums
      from facets join ${keptUsage(sql)} kept_usage using (project_id, trace_id) group by 1, 2, 3, 4, 5, 6
      union all
      select project_id, facet, value, (timestamp at time zone 'UTC')::date, '', '', row(count(*), 0, 0, 0, 0, 0)::text
      from facets group by 1, 2, 3, 4
    ), kept as (
      select project_id, facet, value, day, type, model, row(trace_count, observation_count, prompt_tokens,
        completion_tokens, total_tokens, trim_scale(total_cost))::text as sums
      from facet_usage where trace_count <> 0
    )
    select concat_ws(' ', 'usage by', project_id, facet, value, day, type, model) as what,
      kept.sums as kept, counted.sums as counted
    from kept full join counted using (project_id, facet, value, day, type, model)
    where kept.sums is distinct from counted.sums`;
}

async function hourlyCounts(sql: postgres.Sql): Promise<Difference[]> {
  return await sql<Difference[]>`
    with timed as (
      select project_id, timestamp as at, 1 as trace, 0 as observation, 0 as score from traces
      union all select project_id, start_time, 0, 1, 0 from observations
      union all select project_id, timestamp, 0, 0, 1 from scores
    ), counted as (
      select project_id, date_trunc('hour', at, 'UTC') as hour, row(sum(trace), sum(observation), sum(score))::text as counts
      from timed group by 1, 2
    ), kept as (
      select project_id, hour, row(trace_count, observation_count, score_count)::text as counts
      from hourly_counts where trace_count <> 0 or observation_count <> 0 or score_count <> 0
    )
    select concat_ws(' ', 'counts of', project_id, hour) as what, kept.counts as kept, counted.counts as counted
    from kept full join counted using (project_id, hour) where kept.counts is distinct from counted.counts`;
}
