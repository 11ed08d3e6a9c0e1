import { randomBytes } from "node:crypto";
import { countEvents, INGEST_JOB_VERSION, makeJobId, noEvents, type CanonicalEvents } from "@xtrace/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setupDatabase } from "../../test/setup-database.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import { scores } from "../schema/scores.ts";
import { settledEvents, settledJobs } from "../schema/settlement.ts";
import { traces } from "../schema/traces.ts";
import { readSettledCounts } from "../settlement/read-ledger.ts";
import { addUpSettledEvents } from "../settlement/tidy-settlement.ts";
import { ScoreMisfitError } from "../score-configs/fit-score.ts";
import { salvageJob } from "./salvage-job.ts";
import { storeJobs, type QueuedJob } from "./store-jobs.ts";

let sequence = 0;

function queued(events: Partial<CanonicalEvents>): QueuedJob {
  const all = { ...noEvents(), ...events };
  return {
    id: makeJobId("origin", sequence++, countEvents(all)),
    job: { v: INGEST_JOB_VERSION, projectId: "p", receivedAtUs: 1, events: all },
  };
}

const trace = (id: string, stamp = 1) => ({ id, stamp, name: `${id} ${stamp}` });
const observation = (id: string, traceId: string) => ({ id, traceId, stamp: 1 });

/** Too long for an index entry, and not compressible: what the gateway would have cut. */
const refused = (id: string) => ({ id, stamp: 1, name: randomBytes(10_000).toString("hex") });

describe("storing queued jobs", () => {
  test("counts one event of each new row as stored and all others as merged", async () => {
    await using system = await setupDatabase();
    const first = queued({ traces: [trace("a"), trace("a", 2)], observations: [observation("o", "b")] });
    expect((await storeJobs(system.db, [first])).counts).toEqual({ stored: 2, merged: 1, deadLettered: 0 });
    // The trace `b` is there already, because of its observation.
    const second = queued({ traces: [trace("a"), trace("b"), trace("c")] });
    expect((await storeJobs(system.db, [second])).counts).toEqual({ stored: 1, merged: 2, deadLettered: 0 });
    expect(await readSettledCounts(system.db)).toEqual({ stored: 3, merged: 3, deadLettered: 0 });
  });

  test("neither writes nor counts a job again, alone or beside new ones", async () => {
    await using system = await setupDatabase();
    const [a, b, c] = [
      queued({ traces: [trace("a")] }),
      queued({ traces: [trace("b")] }),
      queued({ traces: [trace("c")] }),
    ];
    await storeJobs(system.db, [a, b]);
    await storeJobs(system.db, [a]);
    expect((await storeJobs(system.db, [c, b, a])).counts).toEqual({ stored: 1, merged: 0, deadLettered: 0 });
    expect(await readSettledCounts(system.db)).toEqual({ stored: 3, merged: 0, deadLettered: 0 });
  });

  test("counts a job once that two workers have at the same time", async () => {
    await using system = await setupDatabase();
    const jobs = Array.from({ length: 20 }, (_, index) => queued({ traces: [trace(`t${index}`)] }));
    await Promise.all([jobs, jobs.toReversed(), jobs.slice(5, 15)].map((batch) => storeJobs(system.db, batch)));
    const { stored, merged } = await readSettledCounts(system.db);
    expect(stored + merged).toBe(20);
    expect(await system.db.select().from(traces)).toHaveLength(20);
  });

  test("writes jobs that the queue did not count, and settles them not", async () => {
    await using system = await setupDatabase();
    const counted = queued({ traces: [trace("a")] });
    await storeJobs(system.db, [{ ...queued({ traces: [trace("old")] }), id: "17" }, counted]);
    expect(await system.db.select().from(traces)).toHaveLength(2);
    expect(await readSettledCounts(system.db)).toEqual({ stored: 1, merged: 0, deadLettered: 0 });
  });

  test("leaves no trace of a batch that was refused", async () => {
    await using system = await setupDatabase();
    await expect(storeJobs(system.db, [queued({ traces: [trace("a"), refused("bad")] })])).rejects.toThrow();
    expect(await system.db.select().from(settledJobs)).toEqual([]);
    expect(await system.db.select().from(settledEvents)).toEqual([]);
  });
});

describe("salvaging a refused job", () => {
  test("stores its good events and buries the others, counted once at every delivery", async () => {
    await using system = await setupDatabase();
    const job = queued({
      traces: [trace("a"), refused("bad"), trace("b")],
      observations: [observation("o", "a"), { ...observation("worse", "a"), name: "nul \u0000" }],
    });
    const counts = { stored: 3, merged: 0, deadLettered: 2 };
    const salvaged = await salvageJob(system.db, job);
    expect(salvaged.counts).toEqual(counts);
    expect(salvaged.letters.map(({ sqlstate }) => sqlstate)).toEqual(["54000", "22021"]);
    expect((await salvageJob(system.db, job)).letters).toEqual([]);
    expect(await readSettledCounts(system.db)).toEqual(counts);
    const letters = await system.db.select().from(deadLetters);
    expect(letters.map(({ id }) => id).sort()).toEqual(salvaged.letters.map(({ id }) => id).sort());
    expect((await system.db.select().from(traces)).map(({ id }) => id).sort()).toEqual(["a", "b"]);
  });
});

test("scores are held to the config that they name, if there is one", async () => {
  await using system = await setupDatabase();
  const config = { name: "quality", dataType: "NUMERIC", minValue: 0, maxValue: 5 } as const;
  const categories = [{ label: "good", value: 7 }];
  await system.db.insert(scoreConfigs).values([
    { projectId: "p", id: "bounded", ...config },
    { projectId: "p", id: "tone", name: "tone", dataType: "CATEGORICAL", categories },
    { projectId: "other", id: "theirs", ...config, name: "another" },
  ]);
  const score = { stamp: 1, timestampUs: 1, name: "quality", stringValue: null, traceId: "t", source: "API" } as const;
  const job = queued({
    scores: [
      { ...score, id: "fits", dataType: "NUMERIC", value: 5, configId: "bounded" },
      {
        ...score,
        id: "tone",
        name: "tone",
        dataType: "CATEGORICAL",
        value: null,
        stringValue: "good",
        configId: "tone",
      },
      { ...score, id: "free", dataType: "NUMERIC", value: 9 },
      { ...score, id: "unknown", dataType: "NUMERIC", value: 9, configId: "theirs" },
      { ...score, id: "beyond", dataType: "NUMERIC", value: 9, configId: "bounded" },
    ],
  });
  await expect(storeJobs(system.db, [job])).rejects.toThrow(ScoreMisfitError);
  expect((await salvageJob(system.db, job)).counts).toEqual({ stored: 4, merged: 0, deadLettered: 1 });
  const values = (await system.db.select().from(scores)).map(({ id, value }) => [id, value]).sort();
  expect(values).toEqual([
    ["fits", 5],
    ["free", 9],
    ["tone", 7],
    ["unknown", 9],
  ]);
  const [letter] = await system.db.select().from(deadLetters);
  expect(letter?.error).toContain("score beyond: value: expected at most 5, as score config bounded says");
});

test("every event of every job is counted once, however the jobs are delivered", async () => {
  await using system = await setupDatabase();
  const event = fc.record({ id: fc.constantFrom("a", "b", "c", "d"), stamp: fc.integer({ min: 1, max: 9 }) });
  const kinds = fc.record({
    traces: fc.array(event, { maxLength: 3 }),
    observations: fc.array(
      event.chain(({ id, stamp }) => fc.constantFrom("a", "t").map((traceId) => ({ id, traceId, stamp }))),
      { maxLength: 3 },
    ),
  });
  const delivery = fc.record({
    jobs: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 6 }),
    atOnce: fc.boolean(),
    salvages: fc.boolean(),
    tidies: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(kinds, { minLength: 8, maxLength: 8 }),
      fc.array(delivery, { maxLength: 6 }),
      async (contents, deliveries) => {
        const before = await readSettledCounts(system.db);
        const jobs = contents.map((events) => queued(events));
        const delivered = new Set<QueuedJob>();
        let underWay: Array<Promise<unknown>> = [];
        for (const { jobs: places, atOnce, salvages, tidies } of deliveries) {
          const batch = [...new Set(places)].flatMap((place) => jobs[place] ?? []);
          for (const job of batch) delivered.add(job);
          underWay.push(
            salvages && batch[0]
              ? salvageJob(system.db, batch[0]).then(() => storeJobs(system.db, batch))
              : storeJobs(system.db, batch),
          );
          if (tidies) underWay.push(addUpSettledEvents(system.db));
          if (atOnce) continue;
          await Promise.all(underWay);
          underWay = [];
        }
        await Promise.all(underWay);
        const after = await readSettledCounts(system.db);
        const events = [...delivered].reduce((sum, { job }) => sum + countEvents(job.events), 0);
        expect(after.stored + after.merged - before.stored - before.merged).toBe(events);
        expect(after.stored).toBeLessThanOrEqual(13);
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
