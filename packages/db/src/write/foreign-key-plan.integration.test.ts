import { INGEST_JOB_VERSION, noEvents, stampOf, type IngestJob } from "@xtrace/contract";
import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { analyzeGrownTables } from "../analyze-grown-tables.ts";
import { openDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { writeBatch } from "./write-batch.ts";

const BATCHES = 20;
const TRACES_PER_BATCH = 50;

/** A trace with one observation each, all of one name, as the first minute of a new system writes them. */
function batchOf(batch: number): IngestJob {
  const ids = Array.from({ length: TRACES_PER_BATCH }, (_, index) => `${batch}-${index}`);
  const traces = ids.map((id) => ({ id, stamp: stampOf(1), name: "chat" }));
  const observations = ids.map((id) => ({ id, traceId: id, stamp: stampOf(1), startTimeUs: 1 }));
  return { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events: { ...noEvents(), traces, observations } };
}

test("checks foreign keys by the primary key also before the first autovacuum", async () => {
  await using server = await createTestDatabase({ migrate: migrateDatabase });
  await using database = openDatabase({
    url: server.url,
    poolSize: 1,
    applicationName: "test",
    statementTimeoutMs: 30_000,
  });
  const { db } = database;
  await db.execute(sql`alter table traces set (autovacuum_enabled = false)`);
  const otherIndexReads = async () => {
    await db.execute(sql`select pg_stat_force_next_flush()`);
    const [usage] = await db.execute<{ rows: string }>(sql`
      select sum(idx_tup_read) as rows from pg_stat_user_indexes
      where relname = 'traces' and indexrelname <> 'traces_project_id_id_pk'`);
    return Number(usage?.rows);
  };

  await writeBatch(db, [batchOf(0)]);
  await writeBatch(db, [batchOf(1)]);
  await otherIndexReads();
  expect(await analyzeGrownTables(db)).toContain("traces");
  const before = await otherIndexReads();
  for (let batch = 2; batch < BATCHES; batch++) await writeBatch(db, [batchOf(batch)]);
  // A scan of the project for each check would read 500 entries on average, half a million in all.
  expect((await otherIndexReads()) - before).toBeLessThan(BATCHES * TRACES_PER_BATCH);

  expect(await analyzeGrownTables(db)).toContain("traces");
  await otherIndexReads();
  expect(await analyzeGrownTables(db)).not.toContain("traces");
});
