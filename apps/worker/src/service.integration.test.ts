import { randomBytes } from "node:crypto";
import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { createApiKey, deadLetters, openDatabase, requestReplay, storeJobs, traces } from "@xtrace/db";
import { openKeyDirectory } from "@xtrace/queue";
import { createDoor, eventually, testRedisUrl } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { ledgerIn } from "../test/ledger-in.ts";
import { QUEUES, setupWorker, traceJob } from "../test/worker-system.ts";

function job(traceId: string, name = "n"): IngestJob {
  return traceJob([{ id: traceId, stamp: 1, name }]);
}

describe.each(QUEUES)("a worker over $name", ({ queueOf, available }) => {
  test.skipIf(!available)("stores what is queued, also in batches, and is ready meanwhile", async () => {
    await using system = await setupWorker(queueOf);
    const { worker, metrics } = system.start();
    const sent = Array.from({ length: 300 }, (_, index) => `t${String(index).padStart(3, "0")}`);
    await Promise.all(sent.map((id) => system.producer.add(job(id))));
    await eventually(async () => expect(await system.traceIds()).toEqual(sent), { timeoutMs: 20_000 });
    for (const check of Object.values(worker.checks)) await check();
    await worker.liveness();
    await worker.stop();
    const text = await metrics.registry.metrics();
    expect(text).toContain('xtrace_rows_inserted_total{process="test"} 300');
  });

  test.skipIf(!available)("stores what it has in hand before it stops", async () => {
    await using system = await setupWorker(queueOf);
    const { worker } = system.start();
    await system.producer.add(job("a"));
    await eventually(async () => expect(await system.traceIds()).toEqual(["a"]), { timeoutMs: 10_000 });
    await system.producer.add(job("b"));
    await worker.stop();
    const { worker: later } = system.start();
    await eventually(async () => expect(await system.traceIds()).toEqual(["a", "b"]), { timeoutMs: 10_000 });
    await later.stop();
  });

  test.skipIf(!available)("leaves a job of a newer gateway in the queue, and goes on with the others", async () => {
    await using system = await setupWorker(queueOf);
    await system.producer.add({ ...job("newer"), v: INGEST_JOB_VERSION + 1 } as never);
    const { worker, metrics } = system.start();
    await system.producer.add(job("known"));
    await eventually(async () => expect(await system.traceIds()).toEqual(["known"]), { timeoutMs: 10_000 });
    await eventually(
      async () => expect(await ledgerIn(metrics)).toMatchObject({ accepted: 2, stored: 1, queued: 1, unaccounted: 0 }),
      { timeoutMs: 10_000 },
    );
    await worker.liveness();
    await worker.stop();
    expect(await system.database.db.select().from(deadLetters)).toEqual([]);
  });

  test.skipIf(!available)("buries refused and malformed events, and stores their neighbours", async () => {
    await using system = await setupWorker(queueOf);
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
    const { worker, metrics } = system.start();
    await eventually(
      async () => {
        const letters = await system.database.db.select().from(deadLetters);
        expect(letters.map(({ sqlstate }) => sqlstate).sort()).toEqual(["54000", null].sort());
        expect(await system.traceIds()).toEqual(["good", "near"]);
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
    await eventually(async () => expect(await system.traceIds()).toEqual(["bad", "good", "near"]), {
      timeoutMs: 10_000,
    });
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
    await using system = await setupWorker("redis");
    const { publicKey } = await createApiKey(system.database.db, { projectId: "p", scopes: ["ingest"] });
    const { worker } = system.start({ keyRefreshMs: 100 });
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
    await using system = await setupWorker("postgres");
    await using door = await createDoor(system.queue.url);
    await door.open();
    const database = openDatabase({ url: door.url, poolSize: 2, applicationName: "test", statementTimeoutMs: 5_000 });
    const { worker, metrics } = system.start({ through: database });
    await system.producer.add(job("before"));
    await eventually(async () => expect(await system.traceIds()).toEqual(["before"]), { timeoutMs: 10_000 });

    await door.close();
    await system.producer.add(job("meanwhile"));
    await eventually(
      async () =>
        expect(await metrics.registry.metrics()).toMatch(/xtrace_pg_retries_total\{code="\w+",process="test"\} [1-9]/),
      { timeoutMs: 15_000 },
    );
    await worker.liveness();
    await expect(worker.checks.database()).rejects.toThrow();
    // Gives the batch up after a while; the queue has it still.
    await worker.stop();
    expect(await system.traceIds()).toEqual(["before"]);

    await door.open();
    const { worker: next } = system.start({ through: database });
    await eventually(async () => expect(await system.traceIds()).toEqual(["before", "meanwhile"]), {
      timeoutMs: 20_000,
    });
    await next.stop();
    await database.close();
  }, 90_000);
});

describe("a worker that waits for a row of somebody who is gone", () => {
  test("ends their transaction, though they had sent half a statement", async () => {
    await using system = await setupWorker("postgres");
    await using door = await createDoor(system.queue.url, { lastWords: `select "name" from "traces" limit` });
    await door.open();
    const options = { poolSize: 4, applicationName: "test", statementTimeoutMs: 1_000 };
    await using silent = openDatabase({ ...options, url: door.url });
    await using through = openDatabase({ ...options, url: system.queue.url });
    const stuck = silent.db
      .transaction(async (tx) => {
        await storeJobs(tx, [{ id: "o-1-1", job: job("t", "theirs") }]);
        await tx.select({ name: traces.name }).from(traces).limit(1);
      })
      .catch((error: unknown) => error);
    await eventually(async () => {
      const [silence] = await system.database.db.execute<{ count: number }>(
        `select count(*)::int from pg_stat_activity where state = 'active' and query like '%limit $1' and wait_event = 'ClientRead'
          and datname = current_database()`,
      );
      expect(silence?.count).toBe(1);
    });

    const { worker } = system.start({ through });
    await system.producer.add(job("t", "ours"));
    await eventually(
      async () => {
        const stored = await system.database.db.select({ name: traces.name }).from(traces);
        expect(stored).toEqual([{ name: "ours" }]);
      },
      { timeoutMs: 20_000 },
    );
    expect(await stuck).toBeInstanceOf(Error);
    await worker.stop();
  }, 60_000);
});
