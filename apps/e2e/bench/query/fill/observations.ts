import { DETAIL_SIZES, END, RARE_ROWS, SIZES, traceCountOf, type FillSettings } from "../settings.ts";
import { everyNth } from "./traces.ts";

/** The traces made for their size come first in time, so that they are nobody's first page. */
export function detailSeeds(settings: FillSettings): string {
  const rows = DETAIL_SIZES.map((size) => {
    const time = `timestamptz '${END}' - interval '${settings.days} days' + interval '${size} milliseconds'`;
    return `(${-size}, 'trace-of-${size}', ${time}, 0, 0, 0, ${size})`;
  });
  return `insert into seeds (i, id, timestamp, user_no, name_no, environment_u, observations) values ${rows.join(", ")}`;
}

/** A root span, and below it generations, spans, events and tools, each begun a little after the one before. */
export function insertObservations(settings: FillSettings): string {
  const part = Math.floor(settings.payloadBytes / 3);
  // Above the numbers of all traces, so that no two rows share a hash.
  const rare = (place: number) => `(${everyNth(settings, RARE_ROWS, place)} and k = 1)`;
  return `
    insert into observations (project_id, id, trace_id, type, parent_observation_id, name, start_time, end_time,
      completion_start_time, level, status_message, version, environment, model, model_parameters, usage_details,
      cost_details, prompt_tokens, completion_tokens, total_tokens, total_cost, prompt_name, prompt_version, metadata, input, output, event_stamp,
      created_at, updated_at)
    select 'bench', pg_temp.short_id(n, 'observation'), trace_id, type,
      case when k > 0 then pg_temp.short_id(n - k, 'observation') end,
      case when ${rare(11)} then 'rare-step' else 'step-' || pg_temp.skewed(${SIZES.observationNames}, 2, pg_temp.u(n, 3)) end,
      start_time, start_time + floor(pg_temp.u(n, 4) * 3000000) * interval '1 microsecond',
      case when type = 'GENERATION' then start_time + interval '50 milliseconds' end,
      case when level_u < 0.02 then 'ERROR' when level_u < 0.05 then 'WARNING' when level_u < 0.1 then 'DEBUG' end,
      case when level_u < 0.02 then 'upstream answered 503' end,
      case when ${rare(12)} then 'rare-version' else 'v' || pg_temp.skewed(${SIZES.versions}, 2, pg_temp.u(s.i, 24)) end,
      environment,
      model,
      case when type = 'GENERATION' then jsonb_build_object('temperature', 0.7) end,
      case when type = 'GENERATION' then jsonb_build_object('input', tokens_in, 'output', tokens_out) end,
      case when type = 'GENERATION' then jsonb_build_object('input', tokens_in * 0.000001, 'output', tokens_out * 0.000004) end,
      case when type = 'GENERATION' then tokens_in end, case when type = 'GENERATION' then tokens_out end,
      case when type = 'GENERATION' then tokens_in + tokens_out end,
      case when type = 'GENERATION' then trim_scale(tokens_in * 0.000001 + tokens_out * 0.000004) end,
      -- Two generations of three were made from a prompt that has a name.
      case when type = 'GENERATION' and prompt_u < 0.667 then 'prompt-' || pg_temp.skewed(${SIZES.prompts}, 2, prompt_u / 0.667) end,
      case when type = 'GENERATION' and prompt_u < 0.667 then (1 + n % 3)::text end,
      jsonb_build_object('node', pg_temp.words(n, ${part})),
      to_json(pg_temp.words(n + 1, ${part})), to_json(pg_temp.words(n + 2, ${part})),
      extract(epoch from start_time)::bigint * 1000000, start_time, start_time
    from (
      select s.i, s.id as trace_id, k, ${traceCountOf(settings)} + abs(s.i)::bigint * 20000 + k as n,
        s.timestamp + k * interval '180 milliseconds' as start_time,
        case when s.environment_u < 0.65 then 'production' when s.environment_u < 0.85 then 'staging'
          when s.environment_u < 0.95 then 'development' end as environment
      from seeds s cross join lateral generate_series(0, s.observations - 1) k
    ) s
    cross join lateral (
      select case when k = 0 or pg_temp.u(n, 1) < 0.35 then 'SPAN' when pg_temp.u(n, 1) < 0.85 then 'GENERATION'
        when pg_temp.u(n, 1) < 0.92 then 'TOOL' else 'EVENT' end as type, pg_temp.u(n, 5) as level_u, pg_temp.u(n, 9) as prompt_u,
        50 + floor(pg_temp.u(n, 6) * 3000)::bigint as tokens_in, 10 + floor(pg_temp.u(n, 7) * 800)::bigint as tokens_out
    ) t
    cross join lateral (
      select case when ${rare(13)} then 'rare-model' when type = 'GENERATION'
        then 'model-' || pg_temp.skewed(${SIZES.models}, 2, pg_temp.u(n, 8)) end as model
    ) m
    order by s.i`;
}
