import { migrateDatabase, openDatabase, traces } from "@xtrace/db";
import { createTestDatabase, describeWithRedis, eventually } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCluster } from "../../src/scale/cluster.ts";
import { hasPgbouncer, startPgbouncer, type Pgbouncer } from "../../src/scale/pgbouncer.ts";
import { startSteadyLoad } from "../../src/scale/steady-load.ts";
import { missingTraces, untilDrained } from "../../src/scale/stored.ts";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";

const TIMEOUT_MS = 180_000;
const WRITES = 200;

describe.skipIf(!hasPgbouncer)("behind PgBouncer in transaction mode (needs pgbouncer)", () => {
  let pooler: Pgbouncer;
  beforeAll(async () => {
    await using database = await createTestDatabase();
    pooler = await startPgbouncer(database.url);
  });
  afterAll(async () => {
    await pooler?.[Symbol.asyncDispose]();
  });

  const open = (url: string, statementTimeoutMs: number) =>
    openDatabase({ url, poolSize: 2, applicationName: "test", statementTimeoutMs });

  test(
    "many migrate at once, and nobody keeps the lock",
    async () => {
      await using database = await createTestDatabase();
      const url = pooler.throughIt(database.url);
      await Promise.all(Array.from({ length: 5 }, () => migrateDatabase(url)));
      await migrateDatabase(url);
      await using direct = open(database.url, 5_000);
      const held = await direct.db.execute(
        `SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database
         WHERE locktype = 'advisory' AND datname = current_database()`,
      );
      expect([...held]).toEqual([]);
      expect([...(await direct.db.execute("SELECT count(*)::int AS count FROM traces"))]).toEqual([{ count: 0 }]);
    },
    TIMEOUT_MS,
  );

  test("a statement is cancelled in time, and one in a transaction too, and the next user's are not", async () => {
    await using database = await createTestDatabase();
    await using hasty = open(pooler.throughIt(database.url), 200);
    const cancelled = { cause: { code: "57014" } };
    await expect(hasty.db.execute("SELECT pg_sleep(10)")).rejects.toMatchObject(cancelled);
    const inTransaction = hasty.db.transaction(async (tx) => await tx.execute("SELECT pg_sleep(10)"));
    await expect(inTransaction).rejects.toMatchObject(cancelled);
    await using patient = open(pooler.throughIt(database.url), 60_000);
    const [row] = await patient.db.execute(
      "SELECT current_setting('statement_timeout') AS statement, current_setting('TimeZone') AS zone FROM pg_sleep(0.5)",
    );
    expect(row).toEqual({ statement: "1min", zone: "UTC" });
  });

  test("whoever does not know of it loses a prepared statement, and prepares no more", async () => {
    await using database = await createTestDatabase();
    // Else it refuses who sends them.
    const ignore_startup_parameters = "statement_timeout,lock_timeout,idle_in_transaction_session_timeout";
    await using unnoticed = await startPgbouncer(database.url, { ignore_startup_parameters });
    await using unaware = openDatabase({
      url: unnoticed.unnamed(database.url),
      poolSize: 4,
      applicationName: "test",
      statementTimeoutMs: 5_000,
    });
    const { db, prepared } = unaware;
    const ask = async (place: number) =>
      await prepared.transaction(async (tx) => await tx.select({ id: traces.id }).from(traces).limit(place));
    await migrateDatabase(database.url);
    const askOften = async () => await Promise.allSettled(Array.from({ length: 40 }, (_, place) => ask(place)));
    const failures = (await askOften()).filter(({ status }) => status === "rejected");
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject({ reason: { cause: { code: "26000" } } });
    expect((await askOften()).filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await db.select({ id: traces.id }).from(traces)).toEqual([]);
  });

  describeWithRedis("with Redis", () => {
    describe.skipIf(process.platform !== "linux")("on Linux", () => {
      test(
        "all that is acknowledged is stored and can be read",
        async () => {
          await using cluster = await startCluster({
            gateways: 1,
            workers: 2,
            queries: 1,
            databaseUrl: (direct) => pooler.throughIt(direct),
          });
          const [gateway, query] = [cluster.gateways[0]?.url ?? "", cluster.queries[0]?.url ?? ""];
          const load = startSteadyLoad({ url: gateway, writers: 8, readers: 0, pauseMs: 5 });
          const reading = startSteadyLoad({ url: query, writers: 0, readers: 8, pauseMs: 5 });
          await eventually(
            () => {
              if (load.answered() < WRITES) throw new Error(`${load.answered()} of ${WRITES} writes`);
            },
            { timeoutMs: 60_000 },
          );
          const [{ acknowledged, failures }, { reads, failures: failedReads }] = await Promise.all([
            load.finish(),
            reading.finish(),
          ]);
          await untilDrained(cluster.probes);
          expect([...failures, ...failedReads]).toEqual([]);
          expect(reads).toBeGreaterThan(0);
          expect(await missingTraces(cluster.databaseUrl, acknowledged)).toEqual([]);
          expect((await cluster.probes.queueCounts()).failed).toBe(0);
          expect(await cluster.probes.deadLetters()).toEqual([]);
          const warnings = [...cluster.workers, ...cluster.queries].flatMap((pod) =>
            pod.lines().filter((line) => /"level":(40|50|60)/.test(line)),
          );
          expect(warnings).toEqual([]);

          const headers = { authorization: basicAuth(PROJECT_A) };
          const detail = await fetch(`${query}/api/public/traces/${acknowledged[0]}`, { headers });
          expect(await detail.json()).toMatchObject({ id: acknowledged[0], observations: [{ name: "step" }] });
          const pools = await pooler.console("SHOW POOLS");
          const name = new URL(cluster.databaseUrl).pathname.slice(1);
          expect(pools.filter(({ database }) => database === name)).toMatchObject([{ pool_mode: "transaction" }]);
        },
        TIMEOUT_MS,
      );
    });
  });
});
