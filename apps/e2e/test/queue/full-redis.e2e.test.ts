import { setTimeout as sleep } from "node:timers/promises";
import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { addressOf, PATIENT_ENV, startApp, untilReady } from "../../src/app-process.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { missingOf, openLedger, type Ledger } from "./ledger.ts";
import { cpuSecondsOf } from "./process-cpu.ts";

const SENDERS = 8;
const BODY_BYTES = 20_000;
/** Over which CPU and log lines of a worker without room are counted. */
const MEASURED_MS = 5_000;
/** Far more than a Redis of 32 MB can take. */
const MAX_REQUESTS = 4_000;

async function setup() {
  const database = await createTestDatabase({ migrate: migrateDatabase });
  const redis = await startRedisServer({ args: ["--maxmemory", "32mb"] });
  const env = {
    ...KEY_ENV,
    ...PATIENT_ENV,
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
    BIND_ADDR: "127.0.0.1:0",
    WORKER_HEALTH_ADDR: "127.0.0.1:0",
  };
  return {
    env,
    database,
    redis,
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Sends until twenty answers in a row are refusals. */
async function fill(ledger: Ledger, url: string): Promise<void> {
  let sent = 0;
  let refusedInARow = 0;
  const sender = async () => {
    while (refusedInARow < 20 && sent < MAX_REQUESTS) {
      sent += 1;
      const { status } = await ledger.send(url, `t${sent}`, BODY_BYTES);
      refusedInARow = status === 503 ? refusedInARow + 1 : 0;
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
}

async function expectAllStored(ledger: Ledger, databaseUrl: string): Promise<void> {
  await eventually(async () => expect(await missingOf(ledger.acknowledged, databaseUrl)).toEqual([]), {
    timeoutMs: 60_000,
    intervalMs: 500,
  });
}

describe.skipIf(!hasRedisServer())("a Redis that fills up", () => {
  test("is given no more than it can hold, and its gateway opens again by itself when workers drained it", async () => {
    await using system = await setup();
    await using gateway = startApp("gateway", system.env);
    const url = await addressOf(gateway);
    await untilReady(url);
    const ledger = openLedger();
    await fill(ledger, url);
    expect([...ledger.statuses.keys()].toSorted()).toEqual([200, 503]);
    expect(ledger.acknowledged.size).toBeGreaterThan(300);

    const refused = await ledger.send(url, "refused", 1);
    expect(refused.status).toBe(503);
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const ratio = Number(/^xtrace_redis_memory_ratio\S* (\S+)/m.exec(metrics)?.[1]);
    expect(ratio).toBeGreaterThan(0.55);
    expect(ratio).toBeLessThan(0.85);
    expect(metrics).toMatch(/^xtrace_queue_admission_open\S* 0/m);
    expect(metrics).toMatch(/^xtrace_queue_jobs\S*state="waiting"\S* [1-9]/m);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    await using worker = startApp("worker", system.env);
    await eventually(async () => expect((await ledger.send(url, "after", 1)).status).toBe(200), {
      timeoutMs: 60_000,
      intervalMs: 200,
    });
    await expectAllStored(ledger, system.database.url);
    expect(await worker.stop()).toBe(0);
    expect(ledger.statuses.get(500)).toBeUndefined();
  }, 180_000);

  test("wedges nobody when it is full to the brim, and is drained as soon as it has room", async () => {
    await using system = await setup();
    await using gateway = startApp("gateway", { ...system.env, QUEUE_MAX_MEMORY_PERCENT: "0" });
    const url = await addressOf(gateway);
    await untilReady(url);
    const ledger = openLedger();
    await fill(ledger, url);
    expect([...ledger.statuses.keys()].toSorted()).toEqual([200, 503]);

    await using worker = startApp("worker", system.env);
    const health = await addressOf(worker);
    await worker.waitForLine(/OOM command not allowed/);
    const before = { lines: worker.lines.length, cpu: cpuSecondsOf(worker.pid), at: performance.now() };
    await sleep(MEASURED_MS);
    const seconds = (performance.now() - before.at) / 1_000;
    const cpuShare = (cpuSecondsOf(worker.pid) - before.cpu) / seconds;
    const linesPerSecond = (worker.lines.length - before.lines) / seconds;
    console.log(`full Redis: worker ${(cpuShare * 100).toFixed(1)} % CPU, ${linesPerSecond.toFixed(1)} log lines/s`);
    expect(cpuShare).toBeLessThan(0.2);
    expect(linesPerSecond).toBeLessThan(3);
    expect((await fetch(`${health}/livez`)).status).toBe(200);

    await system.redis.command("CONFIG", "SET", "maxmemory", "128mb");
    await expectAllStored(ledger, system.database.url);
    await eventually(async () => expect((await ledger.send(url, "after", 1)).status).toBe(200));
    expect(await system.redis.command("ZCARD", "{xtrace}:ingest-0:failed")).toBe(0);
    expect(ledger.statuses.get(500)).toBeUndefined();
  }, 180_000);
});
