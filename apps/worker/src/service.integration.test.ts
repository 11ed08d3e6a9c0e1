import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import {
  createApiKey,
  deadLetters,
  migrateDatabase,
  openDatabase,
  requestReplay,
  traces,
  type OpenDatabase,
} from "@xtrace/db";
import { openKeyDirectory, openProducer } from "@xtrace/queue";
import { createLogger, createMetrics } from "@xtrace/runtime";
import { createDoor, createTestDatabase, createTestRedis, eventually, testRedisUrl } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { ledgerIn } from "../test/ledger-in.ts";
import { startWorker } from "./service.ts";

function job(traceId: string, name = "n"): IngestJob {
  const receivedAtUs = Date.now() * 1_000;
  return {
    v: INGEST_JOB_VERSION,
    projectId: "p",
    receivedAtUs,
    events: { ...noEvents(), traces: [{ id: traceId, stamp: 1, name }] },
  };
}

async function setup(queueOf: "redis" | "postgres") {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const redis = queueOf === "redis" ? await createTestRedis() : undefined;
  const queue = redis ?? { url: server.url, prefix: "xtrace_queue" };
  const database = openDatabase({ url: server.url, poolSize: 4, applicationName: "test", statementTimeoutMs: 5_000 });
  const start = (
    keyRefreshMs: number | null = null,
    metrics = createMetrics({ process: "test" }),
    through: OpenDatabase = database,
  ) =>
    startWorker({
      database: through,
      queue,
      batch: { maxItems: 200, maxWaitMs: 50, maxEvents: 2_000 },
      limits: { lockDurationMs: 30_000, stuckAfterMs: 60_000 },
      keyRefreshMs,
      log: createLogger({
        name: "test",
        level: "debug",
        destination: new Writable({ write: (_, __, done) => done() }),
      }),
      metrics,
    });
  const producer = openProducer({ ...queue, deadlineMs: 5_000, onError: () => {} });
  await eventually(() => producer.ping(), { timeoutMs: 10_000 });
  const ids = async () => (await database.db.select({ id: traces.id }).from(traces)).map(({ id }) => id).sort();
  return {
    database,
    queue,
    start,
    producer,
    ids,
    async [Symbol.asyncDispose]() {
      await producer.close();
      await database.close();
      await redis?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe.each([
  { name: "Redis", queueOf: "redis" as const, available: testRedisUrl() !== undefined },
  { name: "PostgreSQL", queueOf: "postgres" as const, available: true },
])("a worker over $name", ({ queueOf, available }) => {
  test.skipIf(!available)("stores what is queued, also in batches, and is ready meanwhile", async () => {
    await using system = await setup(queueOf);
    const metrics = createMetrics({ process: "test" });
    const worker = system.start(null, metrics);
    const sent = Array.from({ length: 300 }, (_, index) => `t${String(index).padStart(3, "0")}`);
    await Promise.all(sent.map((id) => system.producer.add(job(id))));
    await eventually(async () => expect(await system.ids()).toEqual(sent), { timeoutMs: 20_000 });
    for (const check of Object.values(worker.checks)) await check();
    await worker.liveness();
    await worker.stop();
    const text = await metrics.registry.metrics();
    expect(text).toContain('xtrace_rows_inserted_total{process="test"} 300');
  });

  test.skipIf(!available)("stores what it has in hand before it stops", async () => {
    await using system = await setup(queueOf);
    const worker = system.start();
    await system.producer.add(job("a"));
    await eventually(async () => expect(await system.ids()).toEqual(["a"]), { timeoutMs: 10_000 });
    await system.producer.add(job("b"));
    await worker.stop();
    const later = system.start();
    await eventually(async () => expect(await system.ids()).toEqual(["a", "b"]), { timeoutMs: 10_000 });
    await later.stop();
  });

  test.skipIf(!available)("leaves a job of a newer gateway in the queue, and goes on with the others", async () => {
    await using system = await setup(queueOf);
    await system.producer.add({ ...job("newer"), v: INGEST_JOB_VERSION + 1 } as never);
    const metrics = createMetrics({ process: "test" });
    const worker = system.start(null, metrics);
    await system.producer.add(job("known"));
    await eventually(async () => expect(await system.ids()).toEqual(["known"]), { timeoutMs: 10_000 });
    await eventually(
      async () => expect(await ledgerIn(metrics)).toMatchObject({ accepted: 2, stored: 1, queued: 1, unaccounted: 0 }),
      { timeoutMs: 10_000 },
    );
    await worker.liveness();
    await worker.stop();
    expect(await system.database.db.select().from(deadLetters)).toEqual([]);
  });

  test.skipIf(!available)("buries refused and malformed events, and stores their neighbours", async () => {
    await using system = await setup(queueOf);
    // Past the gateway, which would have cut the name: too long for an index entry, and not compressible.
    const name = randomBytes(10_000).toString("hex");
    const refused = job("bad", name);
    await system.producer.add(job("good"));
    await system.producer.add({
      ...refused,
      events: { ...refused.events, traces: [...refused.events.traces, { id: "near", stamp: 1 }] },
    });
    const malformed = { ...noEvents(), traces: [{ id: 5 }, {}] };
    await system.producer.add({ v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events: malformed as never });
    const metrics = createMetrics({ process: "test" });
    const worker = system.start(null, metrics);
    await eventually(
      async () => {
        const letters = await system.database.db.select().from(deadLetters);
        expect(letters.map(({ sqlstate }) => sqlstate).sort()).toEqual(["54000", null].sort());
        expect(await system.ids()).toEqual(["good", "near"]);
      },
      { timeoutMs: 10_000 },
    );
    const letters = await system.database.db.select().from(deadLetters);
    const payload = letters.find(({ sqlstate }) => sqlstate !== null)?.payload ?? "{}";
    expect((JSON.parse(payload) as IngestJob).events.traces).toEqual([{ id: "bad", stamp: 1, name }]);
    await eventually(
      async () =>
        expect(await ledgerIn(metrics)).toEqual({
          accepted: 5,
          stored: 2,
          merged: 0,
          dead_lettered: 3,
          queued: 0,
          unaccounted: 0,
        }),
      { timeoutMs: 10_000 },
    );
    // What is asked for is written by a running worker, within seconds.
    const mended = payload.replace(name, "short enough");
    await system.database.db.update(deadLetters).set({ payload: mended });
    await requestReplay(system.database.db, {});
    await eventually(async () => expect(await system.ids()).toEqual(["bad", "good", "near"]), { timeoutMs: 10_000 });
    await eventually(
      async () =>
        expect(await metrics.registry.getSingleMetricAsString("xtrace_dead_letters")).toContain(
          'xtrace_dead_letters{state="replayed",process="test"} 2',
        ),
      { timeoutMs: 10_000 },
    );
    await worker.stop();
  });
});

describe.skipIf(testRedisUrl() === undefined)("a worker over Redis", () => {
  test("publishes the active keys for gateways, and takes revoked ones back", async () => {
    await using system = await setup("redis");
    const { publicKey } = await createApiKey(system.database.db, { projectId: "p", scopes: ["ingest"] });
    const worker = system.start(100);
    const directory = openKeyDirectory({ ...system.queue, onError: () => {} });
    await eventually(async () => expect((await directory.read()).map((key) => key.publicKey)).toEqual([publicKey]), {
      timeoutMs: 10_000,
    });
    await worker.stop();
    await directory.close();
  });
});

describe("a worker whose database goes away", () => {
  test("stores what came meanwhile when it is back, and loses nothing to a stop in between", async () => {
    await using system = await setup("postgres");
    await using door = await createDoor(system.queue.url);
    await door.open();
    const metrics = createMetrics({ process: "test" });
    const database = openDatabase({ url: door.url, poolSize: 2, applicationName: "test", statementTimeoutMs: 5_000 });
    const worker = system.start(null, metrics, database);
    await system.producer.add(job("before"));
    await eventually(async () => expect(await system.ids()).toEqual(["before"]), { timeoutMs: 10_000 });

    await door.close();
    await system.producer.add(job("meanwhile"));
    await eventually(
      async () =>
        expect(await metrics.registry.metrics()).toMatch(/xtrace_pg_retries_total\{code="\w+",process="test"\} [1-9]/),
      { timeoutMs: 15_000 },
    );
    await worker.liveness();
    await expect(worker.checks["database"]?.()).rejects.toThrow();
    // Gives the batch up after a while; the queue has it still.
    await worker.stop();
    expect(await system.ids()).toEqual(["before"]);

    await door.open();
    const next = system.start(null, createMetrics({ process: "test" }), database);
    await eventually(async () => expect(await system.ids()).toEqual(["before", "meanwhile"]), { timeoutMs: 20_000 });
    await next.stop();
    await database.close();
  }, 90_000);
});
