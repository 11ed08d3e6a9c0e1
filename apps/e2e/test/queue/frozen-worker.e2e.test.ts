import { setTimeout as sleep } from "node:timers/promises";
import { describeWithRedis, eventually } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { addressOf, startApp, untilReady } from "../../src/app-process.ts";
import { openProbes } from "../../src/probes.ts";
import { openTestStores } from "../../src/test-stores.ts";
import { missingOf, openLedger } from "./ledger.ts";

const LOCK_MS = 2_000;
/** Longer than the lock, and than it takes to look for jobs whose lock has run out. */
const FROZEN_MS = 3 * LOCK_MS;
const EVERYTHING_WITHIN = { timeoutMs: 30_000, intervalMs: 200 };

describeWithRedis("a worker that is frozen for longer than its jobs are its own", () => {
  test("loses them to another one, and works on when it thaws", async () => {
    await using stores = await openTestStores();
    const { databaseUrl, queue } = stores;
    // It may be frozen in the middle of a transaction, whose rows the other one then waits for.
    const env = { ...stores.env, QUEUE_LOCK_MS: String(LOCK_MS), STATEMENT_TIMEOUT_MS: "3000" };
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
    await eventually(async () => expect((await missingOf(ledger.acknowledged, databaseUrl)).length).toBeGreaterThan(0));
    process.kill(frozen.pid, "SIGSTOP");
    await sending;
    await using other = startApp("worker", env);
    await addressOf(other);
    await sleep(FROZEN_MS);
    await eventually(
      async () => expect(await missingOf(ledger.acknowledged, databaseUrl)).toEqual([]),
      EVERYTHING_WITHIN,
    );

    process.kill(frozen.pid, "SIGCONT");
    expect(await other.stop()).toBe(0);
    await send(100);
    await eventually(
      async () => expect(await missingOf(ledger.acknowledged, databaseUrl)).toEqual([]),
      EVERYTHING_WITHIN,
    );
    expect([...ledger.statuses]).toEqual([[200, 400]]);
    const probes = openProbes({ databaseUrl, queue });
    await eventually(async () =>
      expect(await probes.queueCounts()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
    );
    expect(await probes.deadLetters()).toEqual([]);
    await probes.close();
  }, 120_000);
});
