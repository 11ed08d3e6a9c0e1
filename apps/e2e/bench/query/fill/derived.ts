const SUMS = `count(*)::int as observation_count, sum(coalesce(prompt_tokens, 0))::bigint as prompt_tokens,
  sum(coalesce(completion_tokens, 0))::bigint as completion_tokens, sum(coalesce(total_tokens, 0))::bigint as total_tokens,
  trim_scale(sum(coalesce(total_cost, 0))) as total_cost`;

const DAY = (column: string) => `(${column} at time zone 'UTC')::date`;

const HOUR = (column: string) => `date_trunc('hour', ${column}, 'UTC')`;

/** What each trace used, by day, type and model. */
export const TRACE_USAGE = `select project_id, trace_id, ${DAY("start_time")} as day, coalesce(type, 'SPAN') as type,
  coalesce(model, '') as model, ${SUMS} from observations group by 1, 2, 3, 4, 5`;

/** Each derived table with what it must hold, computed from the rows that it sums up. Columns in the order of the table. */
export const DERIVED: ReadonlyArray<{ readonly table: string; readonly columns: string; readonly rows: string }> = [
  {
    table: "daily_usage",
    columns:
      "project_id, day, type, model, trace_count, observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost",
    rows: `select project_id, ${DAY("start_time")} as day, coalesce(type, 'SPAN') as type, coalesce(model, '') as model,
        count(distinct trace_id)::int as trace_count, ${SUMS}
      from observations group by 1, 2, 3, 4`,
  },
  {
    table: "facet_usage",
    columns:
      "project_id, facet, value, day, type, model, trace_count, observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost",
    rows: `select project_id, facet, value, day, type, model, sum(trace_count)::int as trace_count, sum(observation_count)::int as observation_count,
        sum(prompt_tokens)::bigint as prompt_tokens, sum(completion_tokens)::bigint as completion_tokens,
        sum(total_tokens)::bigint as total_tokens, trim_scale(sum(total_cost)) as total_cost
      from (
        select project_id, trace_id, day, type, model, 1 as trace_count, observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost
        from (${TRACE_USAGE}) trace_usage
        union all select project_id, id, ${DAY("timestamp")}, '', '', 1, 0, 0, 0, 0, 0 from traces
      ) used
      join (
        select project_id, id as trace_id, facet, value from traces cross join lateral (
          values ('name', name), ('environment', coalesce(environment, 'default')), ('release', release), ('version', version)
        ) f(facet, value) where value is not null
      ) facets using (project_id, trace_id)
      group by 1, 2, 3, 4, 5, 6`,
  },
  {
    table: "hourly_counts",
    columns: "project_id, hour, trace_count, observation_count, score_count",
    rows: `select project_id, hour, sum(traces)::int as trace_count, sum(observations)::int as observation_count, sum(scores)::int as score_count
      from (
        select project_id, ${HOUR("timestamp")} as hour, 1 as traces, 0 as observations, 0 as scores from traces
        union all select project_id, ${HOUR("start_time")}, 0, 1, 0 from observations
        union all select project_id, ${HOUR("timestamp")}, 0, 0, 1 from scores
      ) counted group by 1, 2`,
  },
];
