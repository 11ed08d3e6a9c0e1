import { randomBytes } from "node:crypto";
import { countEvents, INGEST_JOB_VERSION, makeJobId, noEvents, type CanonicalEvents } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { replayDeadLetter } from "../dead-letters/replay-dead-letter.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { scoreConfigs } from "../schema/score-configs.ts";
import { scores } from "../schema/scores.ts";
import { settledEvents, settledJobs } from "../schema/settlement.ts";
import { traces } from "../schema/traces.ts";
import { readSettledCounts } from "../settlement/read-ledger.ts";
import { addUpSettledEvents } from "../settlement/tidy-settlement.ts";
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

  test("counts a job once that a batch has twice, as when it was taken from a frozen worker that gets it back", async () => {
    await using system = await setupDatabase();
    const [job, other] = [queued({ traces: [trace("a"), trace("a", 2)] }), queued({ traces: [trace("b")] })];
    const { counts } = await storeJobs(system.db, [job, other, { ...job }]);
    expect(counts).toEqual({ stored: 2, merged: 1, deadLettered: 0 });
    expect(await readSettledCounts(system.db)).toEqual(counts);
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

describe("scores that name a config", () => {
  const score = { stamp: 1, timestampUs: 1, name: "quality", stringValue: null, traceId: "t", source: "API" } as const;
  const numeric = (id: string, value: number, configId?: string) =>
    ({ ...score, id, dataType: "NUMERIC", value, ...(configId !== undefined && { configId }) }) as const;
  const tone = { ...score, id: "tone", name: "tone", dataType: "CATEGORICAL", value: null } as const;
  const good = { ...tone, stringValue: "good", configId: "tone" };

  async function setup() {
    const system = await setupDatabase();
    const config = { name: "quality", dataType: "NUMERIC", minValue: 0, maxValue: 5 } as const;
    const categories = [{ label: "good", value: 7 }];
    await system.db.insert(scoreConfigs).values([
      { projectId: "p", id: "bounded", ...config },
      { projectId: "p", id: "tone", name: "tone", dataType: "CATEGORICAL", categories },
      { projectId: "other", id: "theirs", ...config, name: "another" },
    ]);
    return system;
  }

  const mixed = () =>
    queued({
      traces: [trace("t")],
      scores: [
        numeric("fits", 5, "bounded"),
        good,
        numeric("free", 9),
        numeric("unknown", 9, "theirs"),
        numeric("beyond", 9, "bounded"),
      ],
    });

  async function storedIn({ db }: Pick<TestDatabase, "db">) {
    const rows = await db.select({ id: scores.id, value: scores.value }).from(scores);
    return rows.map(({ id, value }) => [id, value]).sort();
  }
  const FITTING = [
    ["fits", 5],
    ["free", 9],
    ["tone", 7],
    ["unknown", 9],
  ];

  test("are held to it, and one that does not fit is set aside without refusing its batch", async () => {
    await using system = await setup();
    const [first, second] = [mixed(), queued({ scores: [numeric("a", -1, "bounded"), numeric("b", 1, "bounded")] })];
    const { counts, letters } = await storeJobs(system.db, [first, second]);
    expect(counts).toEqual({ stored: 6, merged: 0, deadLettered: 2 });
    expect(await storedIn(system)).toEqual([["b", 1], ...FITTING].sort());
    const rows = await system.db.select().from(deadLetters).orderBy(deadLetters.error);
    expect(rows.map(({ error }) => error)).toEqual([
      "score a: value: expected at least 0, as score config bounded says",
      "score beyond: value: expected at most 5, as score config bounded says",
    ]);
    expect(letters.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort());
    expect(await readSettledCounts(system.db)).toEqual(counts);
    expect((await storeJobs(system.db, [second, first])).letters).toEqual([]);
    expect(await system.db.$count(deadLetters)).toBe(2);
  });

  test("are set aside though there are more than one statement takes", async () => {
    await using system = await setup();
    const COUNT = 12_000;
    const job = queued({ scores: Array.from({ length: COUNT }, (_, index) => numeric(`${index}`, 9, "bounded")) });
    expect((await storeJobs(system.db, [job])).counts).toEqual({ stored: 0, merged: 0, deadLettered: COUNT });
    expect(await system.db.$count(deadLetters)).toBe(COUNT);
  });

  test("become the same dead letter where their job is salvaged", async () => {
    await using system = await setup();
    await using other = await setup();
    const job = mixed();
    const { letters } = await storeJobs(system.db, [job]);
    expect(letters).toHaveLength(1);
    const salvaged = await salvageJob(other.db, job);
    expect(salvaged).toEqual({ counts: { stored: 5, merged: 0, deadLettered: 1 }, letters });
    expect(await storedIn(other)).toEqual(FITTING);
  });

  test("are stored by a replay once their config allows it", async () => {
    await using system = await setup();
    await storeJobs(system.db, [mixed()]);
    const replay = async () => {
      await system.db.update(deadLetters).set({ replayRequestedAt: sql`now()` });
      return (await replayDeadLetter(system.db))?.outcome;
    };
    expect(await replay()).toBe("refused");
    await system.db.update(scoreConfigs).set({ maxValue: 10 });
    expect(await replay()).toBe("replayed");
    expect(await storedIn(system)).toEqual([["beyond", 9], ...FITTING].sort());
  });
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
