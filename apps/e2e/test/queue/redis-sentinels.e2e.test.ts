import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually, hasRedisServer, startRedisSentinels } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { addressOf, startApp, untilReady, watchProcesses } from "../../src/app-process.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { missingOf, openLedger, sendAll, SENDERS } from "./ledger.ts";

const PER_ROUND = 150;

describe.skipIf(!hasRedisServer())("a system whose Redis is chosen by Sentinels", () => {
  test("stores what it took while the master is killed and a replica takes its place", async () => {
    await using database = await createTestDatabase({ migrate: migrateDatabase });
    await using group = await startRedisSentinels({ replicas: 1 });
    const env = {
      ...KEY_ENV,
      NODE_ENV: "production",
      REDIS_URL: group.url,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      SHUTDOWN_DELAY_MS: "0",
      WORKER_HEALTH_ADDR: "127.0.0.1:0",
      // A job that is in hand when its master dies is delivered again soon after.
      QUEUE_LOCK_MS: "5000",
    };
    await using gateway = startApp("gateway", env);
    await using worker = startApp("worker", env);
    await using query = startApp("query", env);
    const processes = { gateway, worker, query };
    const ended = watchProcesses(processes);
    const urls = await Promise.all(Object.values(processes).map((process) => addressOf(process)));
    await Promise.all(urls.map((url) => untilReady(url)));
    const [gatewayUrl = ""] = urls;
    const ledger = openLedger();
    const idsOf = (round: string) => Array.from({ length: PER_ROUND }, (_, index) => `${round}-${index}`);
    /** All but so many of those that were sent while the master was killed. */
    const allStoredBut = (most: number) =>
      eventually(
        async () => {
          const missing = await missingOf(ledger.acknowledged, database.url);
          const allowed = missing.filter((id) => id.startsWith("during"));
          expect(missing).toEqual(allowed);
          expect(allowed.length).toBeLessThanOrEqual(most);
        },
        { timeoutMs: 30_000, intervalMs: 200 },
      );

    await sendAll(ledger, [gatewayUrl], idsOf("before"));
    await allStoredBut(0);

    const master = await group.master();
    const sending = sendAll(ledger, [gatewayUrl], idsOf("during"));
    await eventually(() => expect(ledger.acknowledged.size).toBeGreaterThan(PER_ROUND + 20));
    await master.kill();
    expect(await group.untilMasterIsNot(master)).toBe(group.servers[1]);
    await sending;
    await sendAll(ledger, [gatewayUrl], idsOf("after"));

    // Of what it answered in its last moment the replica may not have heard.
    await allStoredBut(SENDERS);
    expect(ledger.acknowledged.size).toBe(3 * PER_ROUND);
    expect([...ledger.statuses.keys()].toSorted()).toEqual([200, 503]);
    await Promise.all(urls.map((url) => untilReady(url)));
    expect(ended()).toEqual([]);
    expect(await Promise.all([gateway.stop(), worker.stop(), query.stop()])).toEqual([0, 0, 0]);
  }, 120_000);
});
