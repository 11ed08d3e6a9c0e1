import { setImmediate } from "node:timers/promises";
import { INGEST_JOB_VERSION, noEvents, type IngestJob } from "@xtrace/contract";
import { QueueUnavailableError } from "@xtrace/queue";
import { describe, expect, test } from "vitest";
import { createCoalescer } from "./coalesce.ts";

const BYTES = 100;

function jobOf(projectId: string, id: string, receivedAtUs = 1): IngestJob {
  const trace = { id, stamp: receivedAtUs };
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs, bytes: BYTES, events: { ...noEvents(), traces: [trace] } };
}

/** A queue of which each add settles when the test says so. */
function manualQueue() {
  const adds: Array<{ job: IngestJob; resolve: () => void; reject: (error: Error) => void }> = [];
  const add = (job: IngestJob) =>
    new Promise<void>((resolve, reject) => {
      adds.push({ job, resolve, reject });
    });
  const at = (index: number) => {
    const entry = adds[index];
    if (!entry) throw new Error(`There was no add number ${index}`);
    return entry;
  };
  return { add, adds, at };
}

const idsOf = ({ events }: IngestJob) => events.traces.map(({ id }) => id);
/** Two turns of the event loop: one in which answers arrive, one in which what waited leaves. */
async function settle(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

describe("the coalescer", () => {
  test("sends at once as long as few are on their way", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 10_000, maxInFlight: 2, maxEvents: 200, maxBytes: 1e6 });
    const sent = [add(jobOf("p", "a"))];
    await settle();
    sent.push(add(jobOf("p", "b")));
    await settle();
    expect(queue.adds.map(({ job }) => idsOf(job))).toEqual([["a"], ["b"]]);
    queue.at(0).resolve();
    queue.at(1).resolve();
    await Promise.all(sent);
  });

  test("puts together what comes in one turn of the event loop", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 10_000, maxInFlight: 2, maxEvents: 200, maxBytes: 1e6 });
    const sent = ["a", "b", "c"].map((id) => add(jobOf("p", id)));
    await settle();
    expect(queue.adds.map(({ job }) => idsOf(job))).toEqual([["a", "b", "c"]]);
    queue.at(0).resolve();
    await Promise.all(sent);
  });

  test("puts together what waited, in order, as old as its oldest part, and answers it with its own job only", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 10_000, maxInFlight: 1, maxEvents: 200, maxBytes: 1e6 });
    const answered: string[] = [];
    const send = (id: string, at: number) => add(jobOf("p", id, at)).then(() => answered.push(id));
    const all = [send("a", 10)];
    await settle();
    all.push(send("b", 12), send("c", 11));
    queue.at(0).resolve();
    await settle();
    expect(answered).toEqual(["a"]);
    expect(idsOf(queue.at(1).job)).toEqual(["b", "c"]);
    expect(queue.at(1).job).toMatchObject({ receivedAtUs: 11, bytes: 2 * BYTES });
    queue.at(1).resolve();
    await Promise.all(all);
    expect(answered).toEqual(["a", "b", "c"]);
    expect(queue.adds).toHaveLength(2);
  });

  test("never mixes projects, and lets each have its turn", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 10_000, maxInFlight: 1, maxEvents: 2, maxBytes: 1e6 });
    const all = ["a1", "a2", "a3", "b1", "b2"].map((id) => add(jobOf(id.slice(0, 1), id)));
    for (let index = 0; index < 3; index += 1) {
      await settle();
      queue.at(index).resolve();
    }
    await Promise.all(all);
    expect(queue.adds.map(({ job }) => [job.projectId, ...idsOf(job)])).toEqual([
      ["a", "a1", "a2"],
      ["b", "b1", "b2"],
      ["a", "a3"],
    ]);
  });

  test("keeps to the bounds of a job in events and bytes, and lets a large one through alone", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 10_000, maxInFlight: 1, maxEvents: 3, maxBytes: 1_000 });
    const sizes = [1, 1, 1, 1, 600, 600, 5_000, 1];
    const all = sizes.map((bytes, index) => add({ ...jobOf("p", String(index)), bytes }));
    for (let index = 0; index < 5; index += 1) {
      await settle();
      queue.at(index).resolve();
    }
    await Promise.all(all);
    expect(queue.adds.map(({ job }) => idsOf(job))).toEqual([["0", "1", "2"], ["3", "4"], ["5"], ["6"], ["7"]]);
  });

  test("refuses what waits behind a refused job, and takes the next one", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 10_000, maxInFlight: 1, maxEvents: 200, maxBytes: 1e6 });
    const all = [add(jobOf("p", "a"))];
    await settle();
    all.push(add(jobOf("p", "b")), add(jobOf("q", "c")));
    queue.at(0).reject(new Error("away"));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(queue.adds).toHaveLength(1);
    const next = add(jobOf("p", "d"));
    await settle();
    queue.at(1).resolve();
    await next;
  });

  test("refuses a job at its deadline, waiting or on its way, and sends none that was refused", async () => {
    const queue = manualQueue();
    const add = createCoalescer({ add: queue.add, deadlineMs: 50, maxInFlight: 1, maxEvents: 200, maxBytes: 1e6 });
    const startedAt = performance.now();
    const sent = [add(jobOf("p", "a")), add(jobOf("q", "b")), add(jobOf("q", "c"))];
    const outcomes = await Promise.allSettled(sent);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(QueueUnavailableError) });
    }
    const next = add(jobOf("q", "d"));
    queue.at(0).resolve();
    await settle();
    queue.at(1).resolve();
    await next;
    expect(queue.adds.map(({ job }) => idsOf(job))).toEqual([["a"], ["d"]]);
  });
});
