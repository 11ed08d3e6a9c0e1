import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually, hasRedisServer, startRedisCluster } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { addressOf, PATIENT_ENV, startApp, untilReady } from "../../src/app-process.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { missingOf, openLedger, sendAll } from "./ledger.ts";

const PER_ROUND = 200;

/** The queue's numbers as a gateway tells them, over all shards. */
async function jobsOf(url: string): Promise<Record<string, number>> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const found = metrics.matchAll(/^xtrace_queue_jobs\{.*state="(\w+)".*\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, state = "", count]) => [state, Number(count)]));
}

describe.skipIf(!hasRedisServer())("a queue of four shards on a Redis Cluster of three masters", () => {
  test("stores what two gateways took through two workers, also while a master is killed and comes back", async () => {
    await using database = await createTestDatabase({ migrate: migrateDatabase });
    await using cluster = await startRedisCluster({ masters: 3 });
    const env = {
      ...KEY_ENV,
      ...PATIENT_ENV,
      REDIS_URL: cluster.url,
      DATABASE_URL: database.url,
      BIND_ADDR: "127.0.0.1:0",
      WORKER_HEALTH_ADDR: "127.0.0.1:0",
      // A job that is in hand when its master dies is another worker's soon after it is back.
      QUEUE_LOCK_MS: "5000",
      ENQUEUE_DEADLINE_MS: "1500",
    };
    await using one = startApp("gateway", { ...env, QUEUE_SHARDS: "4" });
    await using two = startApp("gateway", { ...env, QUEUE_SHARDS: "4" });
    const urls = await Promise.all([addressOf(one), addressOf(two)]);
    await Promise.all(urls.map((url) => untilReady(url)));
    const ledger = openLedger();
    const idsOf = (round: string) => Array.from({ length: PER_ROUND }, (_, index) => `${round}-${index}`);

    // Before there is a worker, so that it is seen where the jobs are.
    await sendAll(ledger, urls, idsOf("first"));
    const sizes = await Promise.all(cluster.masters.map((master) => master.command("DBSIZE")));
    // Beside its jobs a shard has a handful of keys. A job may carry several requests.
    for (const size of sizes) expect(size).toBeGreaterThan(10);
    await eventually(async () => expect((await jobsOf(urls[0]))["waiting"]).toBeGreaterThan(PER_ROUND / 8));

    await using workerOne = startApp("worker", env);
    await using workerTwo = startApp("worker", env);
    const health = await Promise.all([addressOf(workerOne), addressOf(workerTwo)]);
    const allStored = () =>
      eventually(async () => expect(await missingOf(ledger.acknowledged, database.url)).toEqual([]), {
        timeoutMs: 60_000,
        intervalMs: 500,
      });
    await allStored();

    const sending = sendAll(ledger, urls, idsOf("second"));
    await cluster.masters[1]?.kill();
    await eventually(() => expect(ledger.statuses.get(503) ?? 0).toBeGreaterThan(0), { timeoutMs: 20_000 });
    await cluster.masters[1]?.restart();
    await sending;
    await allStored();
    await sendAll(ledger, urls, idsOf("third"));
    await allStored();

    expect(ledger.acknowledged.size).toBe(3 * PER_ROUND);
    expect([...ledger.statuses.keys()].toSorted()).toEqual([200, 503]);
    await eventually(
      async () => expect(await jobsOf(urls[0])).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 }),
      {
        timeoutMs: 30_000,
      },
    );
    await Promise.all([...urls, ...health].map((url) => untilReady(url)));
    expect(await Promise.all([workerOne.stop(), workerTwo.stop(), one.stop(), two.stop()])).toEqual([0, 0, 0, 0]);
  }, 240_000);
});
