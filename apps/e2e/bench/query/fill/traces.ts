import { TRACE_USAGE } from "./derived.ts";
import { largestSessionOf, RARE_ROWS, SIZES, traceCountOf, type FillSettings } from "../settings.ts";

/** Every nth row, such that there are `rows` of them. */
export function everyNth(settings: FillSettings, rows: number, place: number): string {
  return `s.i % ${Math.floor(traceCountOf(settings) / rows)} = ${place}`;
}

/** Traces with the totals of their observations, which are there already. */
export function insertTraces(settings: FillSettings): string {
  const part = Math.floor(settings.payloadBytes / 3);
  const rare = (place: number) => everyNth(settings, RARE_ROWS, place);
  return `
    insert into traces (project_id, id, timestamp, name, user_id, session_id, release, version, environment, public,
      bookmarked, tags, metadata, input, output, event_stamp, created_at, updated_at,
      observation_count, error_count, prompt_tokens, completion_tokens, total_tokens, total_cost, first_start_time, last_end_time, usage_by_day)
    select 'bench', s.id, s.timestamp,
      case when ${rare(1)} then 'rare-name' else 'name-' || s.name_no end,
      case when ${rare(2)} then 'rare-user' when pg_temp.u(s.i, 20) < 0.9 then 'user-' || s.user_no end,
      case when ${everyNth(settings, largestSessionOf(settings), 3)} then 'largest-session'
        -- Sessions live among a hundred traces that follow each other.
        when pg_temp.u(s.i, 21) < 0.6 then 'session-' || (s.i / 100) * 20 + pg_temp.skewed(20, 1.5, pg_temp.u(s.i, 22)) end,
      case when ${rare(4)} then 'rare-release' else 'release-' || floor(s.i * ${SIZES.releases}::bigint / ${traceCountOf(settings) + 1}) end,
      case when ${rare(5)} then 'rare-version' else 'v' || pg_temp.skewed(${SIZES.versions}, 2, pg_temp.u(s.i, 24)) end,
      case when ${rare(6)} then 'rare-environment' when s.environment_u < 0.65 then 'production'
        when s.environment_u < 0.85 then 'staging' when s.environment_u < 0.95 then 'development' end,
      case when pg_temp.u(s.i, 25) < 0.01 then true end, null,
      (select coalesce(array_agg(distinct tag order by tag), '{}') from (
        select 'tag-' || pg_temp.skewed(${SIZES.tags}, 2.5, pg_temp.u(s.i, 30 + k)) as tag
        from generate_series(1, floor(pg_temp.u(s.i, 26) * 4)::int) k
        union all select 'rare-tag' where ${rare(7)}) tags),
      jsonb_build_object('customer', pg_temp.words(s.i, ${part})),
      to_json(pg_temp.words(s.i + 1, ${part})), to_json(pg_temp.words(s.i + 2, ${part})),
      extract(epoch from s.timestamp)::bigint * 1000000, s.timestamp, s.timestamp,
      coalesce(o.observation_count, 0), coalesce(o.error_count, 0), coalesce(o.prompt_tokens, 0),
      coalesce(o.completion_tokens, 0), coalesce(o.total_tokens, 0), coalesce(o.total_cost, 0), o.first_start_time, o.last_end_time, o.usage_by_day
    from seeds s left join totals o on o.trace_id = s.id
    order by s.i`;
}

/** What the observations add up to, trace by trace. */
export const TRACE_TOTALS = `
  create temp table totals on commit preserve rows as
  select * from (select trace_id, count(*)::int as observation_count, (count(*) filter (where level = 'ERROR'))::int as error_count,
    sum(coalesce(prompt_tokens, 0))::bigint as prompt_tokens, sum(coalesce(completion_tokens, 0))::bigint as completion_tokens,
    sum(coalesce(total_tokens, 0))::bigint as total_tokens, trim_scale(sum(coalesce(total_cost, 0))) as total_cost,
    min(start_time) as first_start_time, max(greatest(start_time, end_time)) as last_end_time
  from observations where project_id = 'bench' group by trace_id) sums
  join (select trace_id, jsonb_agg(jsonb_build_array(day, type, model, observation_count, prompt_tokens::text,
      completion_tokens::text, total_tokens::text, total_cost::text) order by day, type collate "C", model collate "C") as usage_by_day
    from (${TRACE_USAGE}) used where project_id = 'bench' group by trace_id) used using (trace_id)`;
