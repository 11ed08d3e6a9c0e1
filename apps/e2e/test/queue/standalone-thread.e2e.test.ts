import { setTimeout as sleep } from "node:timers/promises";
import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually } from "@xtrace/testkit";
import postgres from "postgres";
import { expect, test } from "vitest";
import { PATIENT_ENV, startApp, untilReady } from "../../src/app-process.ts";
import { openProbes } from "../../src/probes.ts";
import { QUEUE_SCHEMA, urlIn } from "../../src/standalone-system.ts";
import { KEY_ENV } from "../../src/test-system.ts";
import { missingOf, openLedger } from "./ledger.ts";

const BLOCK_MS = 8_000;
const LOCK_MS = 2_000;
const TEST_TIMEOUT_MS = 90_000;
/** Of the worker, the gateway, the query app and the process. */
const FAMILIES = [
  "xtrace_batch_size",
  "xtrace_ledger_events",
  "xtrace_ingest_events_accepted_total",
  "xtrace_query_request_duration_seconds",
  "process_resident_memory_bytes",
];

/** A database, and as many processes over it as are started one after another. */
async function setup(fault: string) {
  const database = await createTestDatabase({ migrate: migrateDatabase });
  const script = new URL("../support/fault-in-thread.mjs", import.meta.url).href;
  const env = {
    ...KEY_ENV,
    ...PATIENT_ENV,
    DATABASE_URL: database.url,
    BIND_ADDR: "127.0.0.1:0",
    QUEUE_LOCK_MS: String(LOCK_MS),
    NODE_OPTIONS: `${process.env["TEST_NODE_OPTIONS"] ?? ""} --import=${script}${fault}`,
  };
  return {
    databaseUrl: database.url,
    async start() {
      const standalone = startApp("standalone", env);
      const url = urlIn(await standalone.waitForLine(/^ *URL +http/, 60_000));
      await untilReady(url);
      return { standalone, url };
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

/** Until it is released, no trace is stored. */
async function holdTraces(databaseUrl: string) {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const held = await sql.reserve();
  await held`begin`;
  await held`lock table traces in share mode`;
  return {
    async release() {
      await held`rollback`;
      held.release();
      await sql.end();
    },
  };
}

async function sendTraces(url: string, count: number) {
  const ledger = openLedger();
  await Promise.all(Array.from({ length: count }, (_, index) => ledger.send(url, `t${index}`, 5)));
  expect([...ledger.statuses]).toEqual([[200, count]]);
  return ledger.acknowledged;
}

const statusOf = async (url: string) => (await fetch(url)).status;
const metricsOf = async (url: string) => await (await fetch(`${url}/metrics`)).text();
const familiesOf = (metrics: string) => [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);

test(
  "the metrics of the worker stand beside those of the process, each once",
  async () => {
    await using system = await setup("");
    const { standalone, url } = await system.start();
    const sent = await sendTraces(url, 20);
    await eventually(async () => expect(await missingOf(sent, system.databaseUrl)).toEqual([]));
    const families = familiesOf(await metricsOf(url));
    expect(families).toEqual(expect.arrayContaining(FAMILIES));
    expect(families.length).toBe(new Set(families).size);
    // Counted once the batch is committed.
    await eventually(async () =>
      expect(await metricsOf(url)).toMatch(/^xtrace_ingest_events_stored_total\{process="standalone"\} 20$/m),
    );
    expect(await standalone.stop()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "a worker that is blocked fails its checks, and holds up neither writes nor metrics",
  async () => {
    await using system = await setup(`?blockMs=${BLOCK_MS}`);
    const { standalone, url } = await system.start();
    process.kill(standalone.pid, "SIGUSR2");
    await sleep(100);
    const [live, ready, health, metrics, sent] = await Promise.all([
      statusOf(`${url}/livez`),
      statusOf(`${url}/readyz`),
      statusOf(`${url}/healthz`),
      metricsOf(url),
      sendTraces(url, 5),
    ]);
    expect([live, ready, health]).toEqual([503, 503, 200]);
    expect(familiesOf(metrics)).toContain("xtrace_ingest_events_accepted_total");
    expect(familiesOf(metrics)).not.toContain("xtrace_batch_size");
    await untilReady(url);
    expect(await statusOf(`${url}/livez`)).toBe(200);
    expect(familiesOf(await metricsOf(url))).toContain("xtrace_batch_size");
    await eventually(async () => expect(await missingOf(sent, system.databaseUrl)).toEqual([]));
    expect(await standalone.stop()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "an error in the worker that nobody catches ends the process, and what it had in hand is stored after the next start",
  async () => {
    await using system = await setup("");
    const first = await system.start();
    const held = await holdTraces(system.databaseUrl);
    const sent = await sendTraces(first.url, 50);
    process.kill(first.standalone.pid, "SIGUSR2");
    expect(await first.standalone.exited).toEqual({ code: 1, signal: null });
    expect(first.standalone.lines.filter((line) => line.includes('"level":60'))).toEqual([
      expect.stringMatching(/planted.*the worker failed/),
    ]);
    expect(await missingOf(sent, system.databaseUrl)).toHaveLength(sent.size);
    await held.release();

    const second = await system.start();
    await eventually(async () => expect(await missingOf(sent, system.databaseUrl)).toEqual([]), { timeoutMs: 40_000 });
    expect(await second.standalone.stop()).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  "a stop stores what the worker has in hand",
  async () => {
    await using system = await setup("");
    const { standalone, url } = await system.start();
    const held = await holdTraces(system.databaseUrl);
    const sent = await sendTraces(url, 50);
    // What it has not taken yet is left to the next start.
    const { databaseUrl } = system;
    const probes = openProbes({ databaseUrl, queue: { url: databaseUrl, prefix: QUEUE_SCHEMA } });
    await eventually(async () => expect(await probes.queueCounts()).toMatchObject({ waiting: 0 }));
    await probes.close();
    const stopped = standalone.stop("SIGTERM", 30_000);
    await sleep(1_000);
    expect(await missingOf(sent, system.databaseUrl)).not.toEqual([]);
    await held.release();
    expect(await stopped).toBe(0);
    expect(await missingOf(sent, system.databaseUrl)).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);
