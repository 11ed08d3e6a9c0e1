import type { IngestJob } from "@xtrace/contract";
import {
  acceptedEvents,
  addUpSettledEvents,
  forgetSettledJobs,
  listSettledJobs,
  settledJobs,
  storeJobs,
} from "@xtrace/db";
import { openConsumer } from "@xtrace/queue";
import { eventually } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { ledgerIn } from "../test/ledger-in.ts";
import { QUEUES, setupWorker, traceJob } from "../test/worker-system.ts";
import { readLedger } from "./ledger.ts";

const onError = () => {};

function job(...traceIds: string[]): IngestJob {
  return traceJob(traceIds.map((id) => ({ id, stamp: 1 })));
}

describe.each(QUEUES)("the ledger over a queue on $name", ({ queueOf, available }) => {
  test.skipIf(!available)("counts a job once that was stored but never acknowledged", async () => {
    await using system = await setupWorker(queueOf);
    const { db } = system.database;
    // Dies, so to speak, between the commit and the acknowledgement.
    const dying = openConsumer({
      ...system.queue,
      onError,
      concurrency: 1,
      process: async ({ id, data }) => {
        await storeJobs(db, [{ id, job: data as IngestJob }]);
        throw new Error("killed");
      },
    });
    await system.producer.add(job("a", "b", "a"));
    const settled = { stored: 2, merged: 1, deadLettered: 0 };
    const exact = { accepted: 3, ...settled, queued: 0, unaccounted: 0 };
    await eventually(async () => expect((await dying.backlog()).delayed).toBe(1), { timeoutMs: 10_000 });
    expect(await readLedger(db, async () => [await dying.tally()])).toEqual(exact);
    await dying.close();

    const { metrics, worker } = system.start();
    const next = openConsumer({ ...system.queue, onError, concurrency: 1, process: () => new Promise(() => {}) });
    await next.close();
    await system.producer.add(job("c"));
    await eventually(
      async () =>
        expect(await ledgerIn(metrics)).toEqual({
          accepted: 4,
          stored: 3,
          merged: 1,
          dead_lettered: 0,
          queued: 0,
          unaccounted: 0,
        }),
      { timeoutMs: 15_000 },
    );
    await eventually(async () => await worker.liveness(), { timeoutMs: 5_000 });
    await worker.stop();
  });

  test.skipIf(!available)("says what is queued while nobody works, and 0 unaccounted under load", async () => {
    await using system = await setupWorker(queueOf);
    const { db } = system.database;
    const observer = openConsumer({ ...system.queue, onError, concurrency: 1, process: () => new Promise(() => {}) });
    for (const ids of [["a"], ["a", "b"], ["c", "d", "e"]]) await system.producer.add(job(...ids));
    expect(await readLedger(db, async () => [await observer.tally()])).toMatchObject({
      accepted: 6,
      queued: 6,
      unaccounted: 0,
    });

    const { metrics, worker } = system.start();
    let adds = Promise.resolve();
    const readings: Array<number | undefined> = [];
    for (let round = 0; round < 15; round++) {
      adds = adds.then(async () => {
        await Promise.all(Array.from({ length: 20 }, (_, index) => system.producer.add(job(`${round}-${index}`, "x"))));
      });
      readings.push((await ledgerIn(metrics))["unaccounted"]);
      await addUpSettledEvents(db);
    }
    await adds;
    expect(new Set(readings)).toEqual(new Set([0]));
    // The observer keeps the one job it took.
    await eventually(async () => expect(await ledgerIn(metrics)).toMatchObject({ accepted: 606, unaccounted: 0 }), {
      timeoutMs: 15_000,
    });
    await worker.stop();
  });

  test.skipIf(!available)("forgets settled jobs once the queue has, and not before", async () => {
    await using system = await setupWorker(queueOf);
    const { db } = system.database;
    const ids = ["origin-1-1", "origin-2-1"];
    await storeJobs(
      db,
      ids.map((id) => ({ id, job: job(id) })),
    );
    expect(await forgetSettledJobs(db, [])).toBe(0);
    await db.update(settledJobs).set({ settledAt: Date.now() * 1_000 - 3_600_000_000 });
    expect(await forgetSettledJobs(db, null)).toBe(0);
    expect(await forgetSettledJobs(db, ["origin-1-1"])).toBe(1);
    expect(await listSettledJobs(db, ids)).toEqual(["origin-1-1"]);
  });
});

test("the ledger tells how many events went with a queue that was emptied", async () => {
  await using system = await setupWorker("postgres");
  const { db } = system.database;
  const queue = (counter: string, accepted: number, jobIds: string[]) => async () => [{ counter, accepted, jobIds }];
  await readLedger(db, queue("first", 12, ["o-1-5", "o-2-7"]));
  await storeJobs(db, [{ id: "o-1-5", job: job("a", "b", "c", "d", "e") }]);
  // Emptied before the second job was written.
  const lost = { accepted: 12, stored: 5, queued: 0, unaccounted: 7 };
  expect(await readLedger(db, queue("", 0, []))).toMatchObject(lost);
  expect(await readLedger(db, queue("second", 3, ["o-9-3"]))).toMatchObject({ ...lost, accepted: 15, queued: 3 });
  // An older reading of the same count takes nothing back.
  await readLedger(db, queue("second", 2, []));
  expect(await db.select().from(acceptedEvents)).toContainEqual({ counter: "second", events: 3 });
});
