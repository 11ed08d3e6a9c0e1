import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually, freePort, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { openProbes } from "../../src/probes.ts";
import { createPod, type Pod } from "../../src/scale/pod.ts";
import { basicAuth, KEY_ENV, PROJECT_A } from "../../src/test-system.ts";

const TIMEOUT_MS = 120_000;
/** A worker has to be gone by then; the others have as long for requests that never end. */
const STOP_WITHIN_MS = 15_000;
const PREFIX = "{stop}";

async function setup() {
  const database = await createTestDatabase({ migrate: migrateDatabase });
  const redis = await startRedisServer();
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  const probes = openProbes({ databaseUrl: database.url, queue: { url: redis.url, prefix: PREFIX } });
  const env = {
    ...KEY_ENV,
    REDIS_URL: redis.url,
    QUEUE_PREFIX: PREFIX,
    DATABASE_URL: database.url,
    // Long enough for the requests of a test to arrive, as those of a load balancer do.
    SHUTDOWN_DELAY_MS: "2000",
  };
  const pods: Pod[] = [];
  return {
    redis,
    sql,
    probes,
    async start(app: "gateway" | "worker" | "query") {
      const pod = createPod({ app, name: app, address: `127.0.0.1:${await freePort()}`, env });
      pods.push(pod);
      await pod.start();
      return pod;
    },
    async [Symbol.asyncDispose]() {
      for (const pod of pods) await pod[Symbol.asyncDispose]();
      await probes.close().catch(() => {});
      await sql.end({ timeout: 1 });
      await redis[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

function write(gateway: Pod, id: string): Promise<Response> {
  const headers = { authorization: basicAuth(PROJECT_A), "content-type": "application/json" };
  return fetch(`${gateway.url}/v1/l/batch`, { method: "POST", headers, body: JSON.stringify({ trace: { id } }) });
}

/** Holds the table of traces until it is told to let go. */
async function lockTraces(sql: postgres.Sql): Promise<() => Promise<void>> {
  const locked = deferred();
  const release = deferred();
  const holding = sql.begin(async (tx) => {
    await tx`LOCK TABLE traces IN ACCESS EXCLUSIVE MODE`;
    locked.resolve();
    await release.promise;
  });
  await Promise.race([locked.promise, holding]);
  return async () => {
    release.resolve();
    await holding;
  };
}

describe.skipIf(!hasRedisServer())("a process that is told to stop", () => {
  test(
    "ends in time while Redis hangs, and tells the client in hand",
    async () => {
      await using system = await setup();
      const gateway = await system.start("gateway");
      const worker = await system.start("worker");
      process.kill(system.redis.pid, "SIGSTOP");
      try {
        const writing = write(gateway, "t");
        const [stopped, stoppedWorker, answer] = await Promise.all([gateway.stop(), worker.stop(), writing]);
        expect(answer.status).toBe(503);
        expect([stopped.code, stoppedWorker.code]).toEqual([0, 0]);
        for (const { tookMs } of [stopped, stoppedWorker]) expect(tookMs).toBeLessThan(STOP_WITHIN_MS);
      } finally {
        process.kill(system.redis.pid, "SIGCONT");
      }
    },
    TIMEOUT_MS,
  );

  test(
    "ends in time when Redis is gone",
    async () => {
      await using system = await setup();
      const gateway = await system.start("gateway");
      const worker = await system.start("worker");
      await system.redis.kill();
      for (const { code, tookMs } of await Promise.all([gateway.stop(), worker.stop()])) {
        expect(code).toBe(0);
        expect(tookMs).toBeLessThan(STOP_WITHIN_MS);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "hands back what PostgreSQL does not take, and the next worker stores it",
    async () => {
      await using system = await setup();
      const gateway = await system.start("gateway");
      const worker = await system.start("worker");
      const query = await system.start("query");
      const release = await lockTraces(system.sql);
      try {
        expect((await write(gateway, "t")).status).toBe(200);
        await eventually(async () => expect((await system.probes.queueCounts()).active).toBe(1));
        const headers = { authorization: basicAuth(PROJECT_A) };
        const reading = fetch(`${query.url}/api/public/traces/t`, { headers }).then(
          ({ status }) => status,
          () => "cut",
        );
        await eventually(async () => {
          const [waiting] = await system.sql`
            SELECT count(*)::int AS count FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`;
          expect(waiting?.["count"]).toBe(2);
        });
        const stopped = await Promise.all([worker.stop(), query.stop()]);
        for (const { code, tookMs } of stopped) {
          expect(code).toBe(0);
          expect(tookMs).toBeLessThan(STOP_WITHIN_MS);
        }
        expect([503, "cut"]).toContain(await reading);
        expect(await system.probes.queueCounts()).toMatchObject({ active: 0, failed: 0 });
      } finally {
        await release();
      }
      await worker.start();
      await eventually(async () => expect(await system.sql`SELECT id FROM traces`).toEqual([{ id: "t" }]), {
        timeoutMs: 30_000,
      });
    },
    TIMEOUT_MS,
  );
});

/** Node 20 has no Promise.withResolvers. */
function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let settle = () => {};
  const promise = new Promise<void>((resolve) => (settle = resolve));
  return { promise, resolve: () => settle() };
}
