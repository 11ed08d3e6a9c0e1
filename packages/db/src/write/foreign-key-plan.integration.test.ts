import { INGEST_JOB_VERSION, makeJobId, noEvents, stampOf, type IngestJob } from "@xtrace/contract";
import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { analyzeGrownTables } from "../analyze-grown-tables.ts";
import { openDatabase, type Database, type OpenDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { havePlansSettled, type PlanPolicy } from "./forget-plans.ts";
import { storeJobs } from "./store-jobs.ts";
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

/** Without autovacuum, which would analyze at a moment of its own. */
async function onFreshDatabase(run: (database: OpenDatabase) => Promise<void>): Promise<void> {
  await using server = await createTestDatabase({ migrate: migrateDatabase });
  await using database = openDatabase({
    url: server.url,
    poolSize: 1,
    applicationName: "test",
    statementTimeoutMs: 30_000,
  });
  await database.db.execute(sql`alter table traces set (autovacuum_enabled = false)`);
  await run(database);
}

async function otherIndexReads(db: Database): Promise<number> {
  await db.execute(sql`select pg_stat_force_next_flush()`);
  const [usage] = await db.execute<{ rows: string }>(sql`
    select sum(idx_tup_read) as rows from pg_stat_user_indexes
    where relname = 'traces' and indexrelname <> 'traces_project_id_id_pk'`);
  return Number(usage?.rows);
}

test("checks foreign keys by the primary key also before the first autovacuum", async () => {
  await onFreshDatabase(async ({ db }) => {
    await writeBatch(db, [batchOf(0)]);
    await writeBatch(db, [batchOf(1)]);
    await otherIndexReads(db);
    expect(await analyzeGrownTables(db)).toContain("traces");
    const before = await otherIndexReads(db);
    for (let batch = 2; batch < BATCHES; batch++) await writeBatch(db, [batchOf(batch)]);
    // A scan of the project for each check would read 500 entries on average, half a million in all.
    expect((await otherIndexReads(db)) - before).toBeLessThan(BATCHES * TRACES_PER_BATCH);

    expect(await analyzeGrownTables(db)).toContain("traces");
    await otherIndexReads(db);
    expect(await analyzeGrownTables(db)).not.toContain("traces");
  });
});

test("keeps plans once a thousand traces were analyzed, and goes on to read the primary key", async () => {
  await onFreshDatabase(async ({ db, prepared }) => {
    const store = async (batch: number, plans: PlanPolicy) =>
      await storeJobs(
        prepared,
        [{ id: makeJobId("o", batch, 2 * TRACES_PER_BATCH), job: batchOf(batch) }],
        undefined,
        plans,
      );
    const plansOf = async () =>
      await db.execute<{ statement: string; generic: string }>(sql`
      select statement, generic_plans as generic from pg_prepared_statements where statement like '%insert into "observations"%'`);

    for (let batch = 0; batch < BATCHES; batch++) await store(batch, "forget");
    expect(await havePlansSettled(db)).toBe(false);
    await otherIndexReads(db);
    expect(await analyzeGrownTables(db)).toContain("traces");
    expect(await havePlansSettled(db)).toBe(true);

    const before = await otherIndexReads(db);
    for (let batch = BATCHES; batch < 3 * BATCHES; batch++) await store(batch, "keep");
    expect((await otherIndexReads(db)) - before).toBeLessThan(2 * BATCHES * TRACES_PER_BATCH);
    const [plans, ...others] = await plansOf();
    expect(others).toEqual([]);
    expect(Number(plans?.generic)).toBeGreaterThan(BATCHES);
  });
});
