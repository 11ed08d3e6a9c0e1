import { END, METRIC, SIZES, traceCountOf, type FillSettings } from "../settings.ts";
import { everyNth } from "./traces.ts";

/** Every other trace is judged once. */
export function insertScores(settings: FillSettings): string {
  return `
    insert into scores (project_id, id, timestamp, name, data_type, value, string_value, trace_id, source, comment,
      environment, event_stamp, created_at, updated_at)
    select 'bench', pg_temp.long_id(s.i, 'score'), s.timestamp + interval '5 seconds',
      case when ${everyNth(settings, 50, 2)} then 'rare-score' else 'score-' || pg_temp.skewed(${SIZES.scoreNames}, 2, pg_temp.u(s.i, 50)) end,
      'NUMERIC', round(pg_temp.u(s.i, 51)::numeric, 3)::double precision, null, s.id,
      case when pg_temp.u(s.i, 52) < 0.1 then 'ANNOTATION' else 'API' end, null,
      case when s.environment_u < 0.65 then 'production' end,
      extract(epoch from s.timestamp)::bigint * 1000000, s.timestamp, s.timestamp
    from seeds s where s.i > 0 and s.i % 2 = 0 order by s.i`;
}

/** The metric that is asked for, as dense at any scale, and others whose points grow with the scale. */
export function insertMetrics(settings: FillSettings): string[] {
  const { name, days, models } = METRIC;
  const { metricStepSeconds } = settings;
  const insert = (points: string) => `
    insert into metrics (project_id, id, environment, name, labels, value, timestamp, created_at, series)
    select *, ${SERIES} from (${points}) as points (project_id, id, environment, name, labels, value, timestamp, created_at)`;
  const others = Math.floor(traceCountOf(settings) / 2);
  return [
    insert(`
     select 'bench', md5(m || ':' || t)::uuid, 'production', '${name}',
       jsonb_build_object('model', 'model-' || m, 'region', 'eu-' || m % 2),
       200 + 100 * m + floor(pg_temp.u(extract(epoch from t)::bigint, m) * 900), t, t
     from generate_series(timestamptz '${END}' - interval '${days} days', timestamptz '${END}' - interval '1 second', interval '${metricStepSeconds} seconds') t,
       generate_series(1, ${models}) m
     -- As they come: all series at once.
     order by t, m`),
    insert(`
     select 'bench', md5('other' || i)::uuid, 'production', 'host.' || i % 40, jsonb_build_object('host', 'h' || i % 10),
       pg_temp.u(i, 3), timestamptz '${END}' - i * interval '1 second', now()
     from generate_series(1, ${others}) i`),
    `insert into metric_series (project_id, name, series, environment, labels)
     select distinct project_id, name, series, environment, labels from metrics`,
  ];
}

/** As the worker tells them apart. */
const SERIES =
  "encode(substring(sha256(convert_to(jsonb_build_array(project_id, name, environment, labels)::text, 'UTF8')) for 16), 'hex')::uuid";
