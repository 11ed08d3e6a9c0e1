import type { Sql, TransactionSql } from "postgres";
import { PROJECT_A } from "../../src/test-system.ts";
import { seededRandom } from "../../src/seeded-random.ts";
import { withoutIndexes } from "./without-indexes.ts";
import { prose } from "./workload/words.ts";

const CHUNK_TRACES = 20_000;
const PER_TRACE = 10;
/** Rows take their texts from so many, so that none has to be made. */
const TEXTS = 1_000;
const TEXT_LENGTH = 970;
const FIRST_DAY = "2025-11-01T00:00:00Z";
const INPUT_LENGTH = 630;

/**
 * Fills the database with `count` observations, ten a trace, over the sixty days before 2026, ids
 * random as UUIDs are. Totals and daily usage agree with the rows.
 */
export async function preload(sql: Sql, count: number, progress: (line: string) => void): Promise<void> {
  const traces = Math.ceil(count / PER_TRACE);
  const random = seededRandom(1);
  const texts = Array.from({ length: TEXTS }, () => prose(random, TEXT_LENGTH));
  await sql`CREATE TEMPORARY TABLE bench_text AS
    SELECT position - 1 AS number, left(words, ${INPUT_LENGTH}) AS input, right(words, ${-INPUT_LENGTH}) AS output
    FROM unnest(${texts}::text[]) WITH ORDINALITY AS made (words, position)`;
  await sql`ANALYZE bench_text`;
  const startedAt = performance.now();
  await withoutIndexes(sql, ["traces", "observations"], async () => {
    for (let first = 0; first < traces; first += CHUNK_TRACES) {
      const last = Math.min(traces, first + CHUNK_TRACES) - 1;
      await sql.begin(async (tx) => {
        await insertTraces(tx, first, last, traces);
        await insertObservations(tx, first, last, traces);
      });
      const rate = ((last + 1) * PER_TRACE * 1_000) / (performance.now() - startedAt);
      progress(`preload ${(last + 1) * PER_TRACE} of ${traces * PER_TRACE} observations, ${Math.round(rate)}/s`);
    }
    progress("preload: making the indexes");
  });
  await sql`DROP TABLE bench_text`;
  await countHours(sql);
  await sql`VACUUM ANALYZE traces, observations, daily_usage, hourly_counts`;
}

async function countHours(sql: Sql): Promise<void> {
  await sql`
    INSERT INTO hourly_counts (project_id, hour, trace_count, observation_count, score_count)
    SELECT project_id, hour, sum(traces), sum(observations), 0
    FROM (
      SELECT project_id, date_trunc('hour', timestamp, 'UTC') AS hour, count(*) AS traces, 0 AS observations
      FROM traces GROUP BY 1, 2
      UNION ALL
      SELECT project_id, date_trunc('hour', start_time, 'UTC'), 0, count(*) FROM observations GROUP BY 1, 2
    ) AS counts GROUP BY 1, 2`;
}

async function insertTraces(sql: TransactionSql, first: number, last: number, of: number): Promise<void> {
  await sql`
      INSERT INTO traces (project_id, id, timestamp, name, user_id, session_id, environment, tags, event_stamp,
                          observation_count, prompt_tokens, completion_tokens, total_tokens, first_start_time, last_end_time, usage_by_day)
      SELECT ${PROJECT_A.projectId}, md5('trace' || n), started.at, 'agent-' || n % 5, 'user-' || n % 5000,
             'session-' || n % 50000, 'production', ARRAY['preloaded', 'customer-' || n % 200],
             extract(epoch FROM started.at)::bigint * 1000000,
             ${PER_TRACE}, ${PER_TRACE} * 150, ${PER_TRACE} * 80, ${PER_TRACE} * 230, started.at, started.at + interval '3 seconds', used.entries
      FROM generate_series(${first}::int, ${last}::int) AS n,
           LATERAL (SELECT ${FIRST_DAY}::timestamptz + interval '60 days' * n / ${of} AS at) AS started,
           LATERAL (
             SELECT jsonb_agg(jsonb_build_array(day, 'GENERATION', 'model-' || n % 6, count, (count * 150)::text,
               (count * 80)::text, (count * 230)::text, '0') ORDER BY day) AS entries
             FROM (
               SELECT ((started.at + interval '3 milliseconds' * k) AT TIME ZONE 'UTC')::date AS day, count(*)
               FROM generate_series(1, ${PER_TRACE}) AS k GROUP BY 1
             ) AS days
           ) AS used`;
}

async function insertObservations(sql: TransactionSql, first: number, last: number, of: number): Promise<void> {
  await sql`
    WITH made AS (
      INSERT INTO observations (project_id, id, trace_id, type, name, start_time, end_time, level, environment, model,
                                usage_details, prompt_tokens, completion_tokens, total_tokens, metadata, input, output, event_stamp)
      SELECT ${PROJECT_A.projectId}, left(md5(n || '/' || k), 16), md5('trace' || n), 'GENERATION', 'chat',
             started.at + interval '3 milliseconds' * k, started.at + interval '1 second', 'DEFAULT', 'production', 'model-' || n % 6,
             '{"input": 150, "output": 80, "total": 230}', 150, 80, 230,
             jsonb_build_object('request', left(md5(k || '/' || n), 12), 'attempt', 1),
             json_build_array(json_build_object('role', 'user', 'content', bench_text.input)),
             to_json(bench_text.output), extract(epoch FROM started.at)::bigint * 1000000
      FROM generate_series(${first}::int, ${last}::int) AS n,
           LATERAL (SELECT ${FIRST_DAY}::timestamptz + interval '60 days' * n / ${of} AS at) AS started,
           generate_series(1, ${PER_TRACE}) AS k,
           bench_text
      WHERE bench_text.number = (n::bigint * 37 + k * 101) % ${TEXTS}
      RETURNING project_id, trace_id, (start_time AT TIME ZONE 'UTC')::date AS day, type, model,
                prompt_tokens, completion_tokens, total_tokens
    ), used AS (
      SELECT project_id, trace_id, day, type, model, count(*) AS observation_count, sum(prompt_tokens) AS prompt_tokens,
             sum(completion_tokens) AS completion_tokens, sum(total_tokens) AS total_tokens
      FROM made GROUP BY 1, 2, 3, 4, 5
    )
    INSERT INTO daily_usage AS sums (project_id, day, type, model, trace_count, observation_count,
                                     prompt_tokens, completion_tokens, total_tokens, total_cost)
    SELECT project_id, day, type, model, count(*), sum(observation_count), sum(prompt_tokens), sum(completion_tokens),
           sum(total_tokens), 0
    FROM used GROUP BY 1, 2, 3, 4
    ON CONFLICT (project_id, day, type, model) DO UPDATE SET
      trace_count = sums.trace_count + excluded.trace_count,
      observation_count = sums.observation_count + excluded.observation_count,
      prompt_tokens = sums.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = sums.completion_tokens + excluded.completion_tokens,
      total_tokens = sums.total_tokens + excluded.total_tokens`;
}
