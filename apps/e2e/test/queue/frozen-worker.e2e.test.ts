import { setTimeout as sleep } from "node:timers/promises";
import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, createTestRedis, describeWithRedis, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { addressOf, PATIENT_ENV, startApp, untilReady } from "../../src/app-process.ts";
import { openProbes } from "../../src/probes.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { missingOf, openLedger } from "./ledger.ts";

const LOCK_MS = 2_000;
/** Longer than the lock, and than it takes to look for jobs whose lock has run out. */
const FROZEN_MS = 3 * LOCK_MS;
const EVERYTHING_WITHIN = { timeoutMs: 30_000, intervalMs: 200 };

describeWithRedis("a worker that is frozen for longer than its jobs are its own", () => {
  test("loses them to another one, and works on when it thaws", async () => {
    await using database = await createTestDatabase({ migrate: migrateDatabase });
    await using redis = await createTestRedis();
    const queue = { url: redis.url, prefix: `{${redis.prefix}}` };
    const env = {
      ...KEY_ENV,
      ...PATIENT_ENV,
      REDIS_URL: queue.url,
      QUEUE_PREFIX: queue.prefix,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      WORKER_HEALTH_ADDR: "127.0.0.1:0",
      QUEUE_LOCK_MS: String(LOCK_MS),
    };
    await using gateway = startApp("gateway", env);
    await using frozen = startApp("worker", env);
    const [url] = await Promise.all([addressOf(gateway), addressOf(frozen)]);
    await untilReady(url);
    const ledger = openLedger();
    let sent = 0;
    const send = async (count: number) => {
      for (const until = sent + count; sent < until; sent++) await ledger.send(url, `t${sent}`, 100);
    };
    const sending = send(300);
    await eventually(async () =>
      expect((await missingOf(ledger.acknowledged, database.url)).length).toBeGreaterThan(0),
    );
    process.kill(frozen.pid, "SIGSTOP");
    await sending;
    await using other = startApp("worker", env);
    await addressOf(other);
    await sleep(FROZEN_MS);
    await eventually(
      async () => expect(await missingOf(ledger.acknowledged, database.url)).toEqual([]),
      EVERYTHING_WITHIN,
    );

    process.kill(frozen.pid, "SIGCONT");
    expect(await other.stop()).toBe(0);
    await send(100);
    await eventually(
      async () => expect(await missingOf(ledger.acknowledged, database.url)).toEqual([]),
      EVERYTHING_WITHIN,
    );
    expect([...ledger.statuses]).toEqual([[200, 400]]);
    const probes = openProbes({ databaseUrl: database.url, queue });
    await eventually(async () =>
      expect(await probes.queueCounts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
    );
    expect(await probes.deadLetters()).toEqual([]);
    await probes.close();
  }, 120_000);
});
