import { INGEST_JOB_VERSION, noEvents } from "@xtrace/contract";
import { migrateDatabase, openDatabase, openReplicatedDatabase, writeBatch } from "@xtrace/db";
// oxlint-disable-next-line no-restricted-imports -- its answers are recorded here too.
import { loadQueryConfig, startQueryProcess } from "@xtrace/query";
import { createLogger } from "@xtrace/runtime";
import { eventually } from "@xtrace/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { canReplicate, query, startPostgresPair, type PostgresPair } from "../../src/scale/postgres-pair.ts";
import { startSteadyLoad } from "../../src/scale/steady-load.ts";
import { basicAuth, KEY_ENV, PROJECT_A } from "../../src/test-system.ts";
import { recordAnswers } from "../support/record-answers.mjs";

const TIMEOUT_MS = 120_000;
const MAX_LAG_MS = 3_000;
const WITHIN = { timeoutMs: 20_000 };

const databaseOptions = { poolSize: 2, applicationName: "test", statementTimeoutMs: 10_000 };

describe.skipIf(!canReplicate)("a query app with a streaming replica (needs PostgreSQL 15 of Debian)", () => {
  let pair: PostgresPair;
  let app: Awaited<ReturnType<typeof startQueryProcess>>;

  beforeAll(async () => {
    recordAnswers(process.env["TEST_ANSWERS_DIR"] ?? "");
    pair = await startPostgresPair();
    await migrateDatabase(pair.primary.url);
    const config = loadQueryConfig({
      ...KEY_ENV,
      BIND_ADDR: "127.0.0.1:0",
      DATABASE_URL: pair.primary.url,
      DATABASE_REPLICA_URL: pair.replica.url,
      DATABASE_REPLICA_MAX_LAG_MS: String(MAX_LAG_MS),
      RATE_LIMIT_QPS: "0",
      SHUTDOWN_DELAY_MS: "0",
    });
    // What the process does but for its entry point, so that the code is measured by its coverage too.
    app = await startQueryProcess(config, createLogger({ name: "query", level: "silent" }));
  }, TIMEOUT_MS);
  afterAll(async () => {
    await app?.stop("SIGTERM");
    await pair?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);
  beforeEach(async () => {
    await eventually(async () => {
      if ((await read()).by !== "replica") throw new Error("the replica is not read from");
    }, WITHIN);
  }, TIMEOUT_MS);

  async function writeTrace(id: string): Promise<void> {
    await using database = openDatabase({ ...databaseOptions, url: pair.primary.url });
    const events = { ...noEvents(), traces: [{ id, stamp: 1, name: id }] };
    const { projectId } = PROJECT_A;
    await writeBatch(database.db, [{ v: INGEST_JOB_VERSION, projectId, receivedAtUs: Date.now() * 1_000, events }]);
  }

  async function read() {
    const response = await fetch(`${app.url}/api/public/traces`, { headers: { authorization: basicAuth(PROJECT_A) } });
    expect(response.status).toBe(200);
    const { data } = (await response.json()) as { data: Array<{ id: string }> };
    const lag = response.headers.get("x-replica-lag");
    return { by: response.headers.get("xtrace-served-by"), lag, ids: data.map(({ id }) => id) };
  }

  test(
    "reads from it, says so, and finds there what was written",
    async () => {
      await writeTrace("written");
      await eventually(async () => {
        const { by, ids, lag } = await read();
        expect([by, ids.includes("written")]).toEqual(["replica", true]);
        expect(Number(lag)).toBeLessThan(MAX_LAG_MS / 1_000);
      }, WITHIN);
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      expect(metrics).toMatch(/^xtrace_replica_usable\{.*\} 1$/m);
      expect(metrics).toMatch(/^xtrace_reads_total\{.*served_by="replica".*\} [1-9]/m);
    },
    TIMEOUT_MS,
  );

  test(
    "reads from the primary once the replica is too far behind, and from the replica when it has caught up",
    async () => {
      await query(pair.replica.url, "SELECT pg_wal_replay_pause()");
      try {
        await eventually(async () => {
          const [row] = await query(pair.replica.url, "SELECT pg_get_wal_replay_pause_state() AS state");
          expect(row?.["state"]).toBe("paused");
        }, WITHIN);
        await writeTrace("unseen");
        // Nobody could tell this from the primary's answer if it were the primary's.
        expect(await read()).toMatchObject({ by: "replica", ids: expect.not.arrayContaining(["unseen"]) });
        await eventually(async () => {
          expect(await read()).toMatchObject({ by: "primary", lag: null, ids: expect.arrayContaining(["unseen"]) });
        }, WITHIN);
        const metrics = await (await fetch(`${app.url}/metrics`)).text();
        expect(Number(/^xtrace_replica_lag_seconds\{.*\} (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(
          MAX_LAG_MS / 1_000,
        );
      } finally {
        await query(pair.replica.url, "SELECT pg_wal_replay_resume()");
      }
      await eventually(async () => {
        expect(await read()).toMatchObject({ by: "replica", ids: expect.arrayContaining(["unseen"]) });
      }, WITHIN);
    },
    TIMEOUT_MS,
  );

  test(
    "fails no read when the replica is killed, and returns to it",
    async () => {
      const load = startSteadyLoad({ url: app.url, writers: 0, readers: 4, pauseMs: 10 });
      await pair.replica.kill();
      await eventually(async () => expect((await read()).by).toBe("primary"), WITHIN);
      await pair.replica.start();
      await eventually(async () => expect((await read()).by).toBe("replica"), WITHIN);
      const { reads, failures } = await load.finish();
      expect(failures).toEqual([]);
      expect(reads).toBeGreaterThan(10);
    },
    TIMEOUT_MS,
  );

  test(
    "waits a second or two for a replica that hangs, and no longer",
    async () => {
      pair.replica.freeze(true);
      try {
        const startedAt = performance.now();
        expect((await read()).by).toBe("primary");
        expect(performance.now() - startedAt).toBeLessThan(8_000);
      } finally {
        pair.replica.freeze(false);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "repeats on the primary what the replica gives up for the sake of replay",
    async () => {
      const repeated: string[] = [];
      await using database = openReplicatedDatabase({
        ...databaseOptions,
        url: pair.primary.url,
        replicaUrl: pair.replica.url,
        maxLagMs: 60_000,
        onServed: () => {},
        onRepeated: (code) => repeated.push(code),
        onState: () => {},
      });
      await database.first;
      await query(pair.primary.url, "CREATE TABLE conflict AS SELECT generate_series(1, 1000) AS n");
      await eventually(async () => await query(pair.replica.url, "SELECT 1 FROM conflict LIMIT 1"), WITHIN);
      // Its snapshot needs the rows that the primary then clears away.
      const slow = Promise.resolve(database.db.execute("SELECT count(*)::int AS count FROM conflict, pg_sleep(3)"));
      await eventually(async () => {
        const running = await query(
          pair.replica.url,
          "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' AND pid <> pg_backend_pid()",
        );
        expect(running).toHaveLength(1);
      }, WITHIN);
      await query(pair.primary.url, "DELETE FROM conflict");
      await query(pair.primary.url, "VACUUM conflict");
      expect([...(await slow)]).toEqual([{ count: 0 }]);
      expect(repeated).toEqual(["40001"]);
    },
    TIMEOUT_MS,
  );

  test(
    "goes on reading from the replica, however old, while the primary is away",
    async () => {
      await pair.primary.kill();
      try {
        await eventually(async () => {
          const { by, lag } = await read();
          expect(by).toBe("replica");
          expect(Number(lag)).toBeGreaterThan(MAX_LAG_MS / 1_000);
        }, WITHIN);
        expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
      } finally {
        await pair.primary.start();
      }
    },
    TIMEOUT_MS,
  );
});
