import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { withSql } from "../faults/with-sql.ts";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";
import type { ChaosSystem } from "../system/chaos-system.ts";
import { SUCCESS, type Scenario } from "./scenario.ts";

const RECOVERY_MS = 30_000;

export const BACKEND_KILL: Scenario = {
  id: "F15",
  title: "PostgreSQL: kill -9 of a worker's backend, four times; the batch is tried again",
  expected: { answers: SUCCESS, recoveryMs: RECOVERY_MS },
  async run({ system: { databaseUrl }, expect, recovered }) {
    let killed = 0;
    for (let round = 0; round < 4; round += 1) {
      const pid = await withSql(databaseUrl, workerBackend).catch(() => undefined);
      if (pid !== undefined) killed += Number(process.kill(pid, "SIGKILL"));
      await sleep(5_000);
    }
    expect(killed >= 3, `only ${killed} backends were killed`);
    await recovered();
  },
};

async function workerBackend(sql: postgres.Sql): Promise<number | undefined> {
  const rows = await sql<Array<{ pid: number }>>`
    select pid from pg_stat_activity where application_name = 'xtrace-worker' order by state = 'active' desc limit 1`;
  return rows[0]?.pid;
}

export const STOPPED_AT_ONCE: Scenario = {
  id: "F16",
  title: "PostgreSQL: stopped at once, started 10 s later; ingestion 200 throughout, reads 503 and then 200",
  expected: { answers: SUCCESS, recoveryMs: RECOVERY_MS },
  async run({ system, expect, recovered }) {
    await system.postgres.takeDown("SIGQUIT");
    await sleep(5_000);
    const during = await readStatus(system);
    expect(during === 503, `a read without the database was answered ${during}`);
    await sleep(5_000);
    await system.postgres.bringUp();
    await recovered();
    const after = await readStatus(system);
    expect(after === 200, `a read after it was answered ${after}`);
  },
};

async function readStatus({ query }: ChaosSystem): Promise<number> {
  const headers = { Authorization: basicAuth(PROJECT_A) };
  const url = `${query.url}/api/public/traces?limit=1`;
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
  await answer.body?.cancel();
  return answer.status;
}

export const DOWN_FOR_LONG: Scenario = {
  id: "F17",
  title: "PostgreSQL: down for 30 min (40 s unless --full) with little room in Redis; 200, then 503, then 200",
  expected: { answers: [...SUCCESS, "503"], sees: ["503"], recoveryMs: 90_000 },
  system: { redisArgs: ["--maxmemory", "16mb"] },
  async run({ system, full, recovered }) {
    await system.postgres.takeDown("SIGQUIT");
    await sleep(full ? 1_800_000 : 40_000);
    await system.postgres.bringUp();
    await recovered();
  },
};

export const TOO_MANY_CONNECTIONS: Scenario = {
  id: "F18",
  title: "PostgreSQL: no connection left (53300) for 10 s while the worker has lost its own; it backs off",
  expected: { answers: SUCCESS, recoveryMs: RECOVERY_MS },
  system: { postgresSettings: { max_connections: "20" } },
  async run({ system: { databaseUrl }, note, expect, recovered }) {
    const taken: postgres.Sql[] = [];
    let refused = false;
    await withSql(databaseUrl, async (admin) => {
      while (!refused && taken.length < 40) {
        // Each connection that a worker leaves is one more to take.
        await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'xtrace-%'`;
        const one = postgres(databaseUrl, { max: 1, max_lifetime: null, onnotice: () => {} });
        taken.push(one);
        refused = await one`select 1`.then(
          () => false,
          (error: unknown) => error instanceof postgres.PostgresError && error.code === "53300",
        );
      }
    });
    note(`${taken.length} connections taken`);
    expect(refused, "there was always a connection left");
    await sleep(10_000);
    await Promise.all(taken.map((one) => one.end({ timeout: 1 })));
    await recovered();
  },
};

export const READ_ONLY: Scenario = {
  id: "F19 read-only",
  title: "PostgreSQL: read-only (25006) for 10 s; the worker tries again, nothing becomes a dead letter",
  expected: { answers: SUCCESS, recoveryMs: RECOVERY_MS },
  async run({ system: { databaseUrl }, recovered }) {
    await withSql(databaseUrl, async (sql) => {
      await sql`alter system set default_transaction_read_only = on`;
      await sql`select pg_reload_conf()`;
      await sleep(10_000);
      await sql`set default_transaction_read_only = off`;
      await sql`alter system reset default_transaction_read_only`;
      await sql`select pg_reload_conf()`;
    });
    await recovered();
  },
};

export const TABLE_LOCKED: Scenario = {
  id: "F20",
  title: "PostgreSQL: ACCESS EXCLUSIVE lock for 60 s (20 s unless --full); statements time out and are tried again",
  expected: { answers: SUCCESS, recoveryMs: RECOVERY_MS },
  async run({ system: { databaseUrl }, full, recovered }) {
    await withSql(databaseUrl, async (sql) => {
      await sql.begin(async (tx) => {
        await tx`lock table observations in access exclusive mode`;
        await sleep(full ? 60_000 : 20_000);
      });
    });
    await recovered();
  },
};

export const DEADLOCK: Scenario = {
  id: "F21",
  title: "PostgreSQL: 0 deadlocks between two workers; one forced from outside is tried again",
  expected: { answers: SUCCESS, recoveryMs: RECOVERY_MS },
  system: { workers: 2 },
  async run({ system: { databaseUrl }, note, expect, recovered }) {
    await sleep(10_000);
    const unforced = await countDeadlocks(databaseUrl);
    expect(unforced === 0, `${unforced} deadlocks that nobody forced`);
    await withSql(databaseUrl, async (sql) => {
      for (let round = 0; round < 40; round += 1) await lockNewestBackwards(sql);
    });
    note(`${await countDeadlocks(databaseUrl)} deadlocks forced`);
    await recovered();
  },
};

/** Takes the rows of the traces that are being written, in the order that no writer takes. */
async function lockNewestBackwards(sql: postgres.Sql): Promise<void> {
  await sql
    .begin(async (tx) => {
      const traces = await tx<Array<{ project_id: string; id: string }>>`
        select project_id, id from (select project_id, id from traces order by created_at desc limit 6) newest
        order by project_id desc, id desc`;
      for (const { project_id: projectId, id } of traces) {
        await tx`select 1 from traces where project_id = ${projectId} and id = ${id} for update`;
        await sleep(30);
      }
    })
    // It may be the one that PostgreSQL chooses.
    .catch(() => {});
}

async function countDeadlocks(databaseUrl: string): Promise<number> {
  return await withSql(databaseUrl, async (sql) => {
    const rows = await sql<Array<{ deadlocks: number }>>`
      select deadlocks::int as deadlocks from pg_stat_database where datname = current_database()`;
    return rows[0]?.deadlocks ?? 0;
  });
}
