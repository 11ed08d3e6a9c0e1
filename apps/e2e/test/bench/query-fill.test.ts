import { INGEST_JOB_VERSION, noEvents, stampOf, type IngestJob } from "@xtrace/contract";
import { migrateDatabase, openDatabase, writeBatch } from "@xtrace/db";
import { createTestDatabase } from "@xtrace/testkit";
import postgres from "postgres";
import { expect, test } from "vitest";
import { DERIVED } from "../../bench/query/fill/derived.ts";
import { fill, PROJECT, wrongDerivedTables } from "../../bench/query/fill/fill.ts";
import { DEFAULT_FILL } from "../../bench/query/settings.ts";

const COPY = "written-by-the-worker";
const EVENTS_A_JOB = 200;

test("derives what the worker derives from the same rows", async () => {
  await using server = await createTestDatabase({ migrate: migrateDatabase });
  const sql = postgres(server.url, { max: 1, onnotice: () => {}, connection: { TimeZone: "UTC" } });
  await using database = openDatabase({
    url: server.url,
    poolSize: 2,
    applicationName: "test",
    statementTimeoutMs: 60_000,
  });
  try {
    await fill(server.url, { ...DEFAULT_FILL, scale: 0.001, metricStepSeconds: 3600 }, () => {});
    expect(await wrongDerivedTables(server.url)).toEqual([]);

    const us = (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint::float8`;
    const rows = {
      traces: await sql.unsafe(
        `select id, ${us("timestamp")} as "timestampUs", name, environment, release, version from traces where project_id = '${PROJECT}'`,
      ),
      observations: await sql.unsafe(`
        select id, trace_id as "traceId", type, ${us("start_time")} as "startTimeUs", ${us("end_time")} as "endTimeUs", level,
          model, usage_details as "usageDetails", cost_details as "costDetails"
        from observations where project_id = '${PROJECT}'`),
      scores: await sql.unsafe(`
        select id, trace_id as "traceId", ${us("timestamp")} as "timestampUs", name, value, data_type as "dataType", source,
          string_value as "stringValue"
        from scores where project_id = '${PROJECT}'`),
    };
    for (const [kind, all] of Object.entries(rows)) {
      for (let from = 0; from < all.length; from += EVENTS_A_JOB) {
        const events = all.slice(from, from + EVENTS_A_JOB).map((row) => ({ stamp: stampOf(1), ...withoutNulls(row) }));
        const job: IngestJob = {
          v: INGEST_JOB_VERSION,
          projectId: COPY,
          receivedAtUs: 1,
          events: { ...noEvents(), [kind]: events },
        };
        await writeBatch(database.db, [job]);
      }
    }

    const totals =
      "id, observation_count, error_count, prompt_tokens, completion_tokens, total_tokens, total_cost, first_start_time, last_end_time, usage_by_day";
    const derived = [...DERIVED, { table: "traces", columns: totals }];
    for (const { table, columns } of derived) {
      const own = columns.replace("project_id, ", "");
      const of = (project: string) => `select ${own} from ${table} where project_id = '${project}'`;
      const different = await sql.unsafe(
        `(${of(PROJECT)} except ${of(COPY)}) union all (${of(COPY)} except ${of(PROJECT)}) limit 3`,
      );
      expect([...different], table).toEqual([]);
    }
    const [counted] = await sql.unsafe(`select count(*)::int as traces from traces where project_id = '${COPY}'`);
    expect(counted).toEqual({ traces: 1_003 });
  } finally {
    await sql.end();
  }
}, 120_000);

/** As events say it: what is not known is absent. Only a score's text is null. */
function withoutNulls(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([key, value]) => value !== null || key === "stringValue"));
}
