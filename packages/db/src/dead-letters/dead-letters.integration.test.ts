import { countEvents, INGEST_JOB_VERSION, makeJobId, noEvents, type IngestJob } from "@xtrace/contract";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { setupDatabase } from "../../test/setup-database.ts";
import type { Database } from "../client.ts";
import { deadLetters } from "../schema/dead-letters.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { salvageJob } from "../write/salvage-job.ts";
import { writeBatch } from "../write/write-batch.ts";
import { countDeadLetters, countDeadLettersByState, getDeadLetter, listDeadLetters } from "./list-dead-letters.ts";
import { replayDeadLetter } from "./replay-dead-letter.ts";
import { discardDeadLetters, requestReplay } from "./settle-dead-letters.ts";

let sequence = 0;

function job(events: Partial<IngestJob["events"]>, projectId = "p"): IngestJob {
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events: { ...noEvents(), ...events } };
}

const generation = (id: string) => ({
  id,
  traceId: "t",
  stamp: 1,
  name: "\u0000 refused",
  usageDetails: { input: 3, output: 4 },
});

/** Events that PostgreSQL refuses, as letters. Returns their ids. */
async function bury(db: Database, refused: IngestJob): Promise<string[]> {
  const id = makeJobId("o", sequence++, countEvents(refused.events));
  return (await salvageJob(db, { id, job: refused })).letters.map((letter) => letter.id);
}

/** What a new version of the database may do: take what was refused. */
async function mend(db: Database, id: string): Promise<void> {
  const letter = await getDeadLetter(db, { id, maxChars: 100_000 });
  const payload = letter?.payload.replaceAll(String.raw`\u0000`, "once") ?? "";
  await db.update(deadLetters).set({ payload }).where(eq(deadLetters.id, id));
}

async function replayAll(db: Database) {
  const outcomes = [];
  for (let one = await replayDeadLetter(db); one; one = await replayDeadLetter(db)) outcomes.push(one);
  return outcomes;
}

describe("dead letters", () => {
  test("are listed newest first, by project, state and reason, and counted", async () => {
    await using system = await setupDatabase();
    const [mine = ""] = await bury(system.db, job({ observations: [generation("a")] }));
    const [other = ""] = await bury(system.db, job({ observations: [generation("b")] }, "q"));
    await discardDeadLetters(system.db, { ids: [other] });
    const idsOf = async (filter: Parameters<typeof listDeadLetters>[1]["filter"]) =>
      (await listDeadLetters(system.db, { filter, limit: 10, offset: 0 })).map(({ id }) => id);
    expect(await idsOf({})).toEqual([other, mine]);
    expect(await idsOf({ projectId: "p" })).toEqual([mine]);
    expect(await idsOf({ state: "discarded" })).toEqual([other]);
    expect(await idsOf({ reason: "22021" })).toEqual([other, mine]);
    expect(await idsOf({ reason: "other" })).toEqual([]);
    expect(await countDeadLetters(system.db, { filter: { state: "open" }, bound: 10 })).toEqual({
      count: 1,
      exact: true,
    });
    expect(await countDeadLettersByState(system.db)).toEqual(
      new Map([
        ["open", 1],
        ["discarded", 1],
      ]),
    );
    expect(await getDeadLetter(system.db, { id: mine, projectId: "q", maxChars: 10 })).toBeUndefined();
    expect((await getDeadLetter(system.db, { id: mine, projectId: "p", maxChars: 10 }))?.payload).toHaveLength(10);
  });

  test("that are refused again stay, with the reason and one more attempt", async () => {
    await using system = await setupDatabase();
    const [id = ""] = await bury(system.db, job({ observations: [generation("a")] }));
    await system.db.update(deadLetters).set({ error: "an older reason", sqlstate: null });
    for (const attempts of [1, 2]) {
      expect(await requestReplay(system.db, { ids: [id] })).toEqual([id]);
      expect(await replayAll(system.db)).toEqual([{ id, outcome: "refused" }]);
      expect(await getDeadLetter(system.db, { id, maxChars: 10 })).toMatchObject({
        state: "open",
        attempts,
        sqlstate: "22021",
      });
    }
    expect(await system.db.select().from(observations)).toEqual([]);
  });

  test("are replayed once, by however many at once, though the event came in by itself meanwhile", async () => {
    await using system = await setupDatabase();
    const events = { observations: [generation("a"), generation("b")] };
    const ids = await bury(system.db, job(events));
    for (const id of ids) await mend(system.db, id);
    await writeBatch(system.db, [job({ observations: [{ ...generation("a"), name: "once refused" }] })]);

    await Promise.all([requestReplay(system.db, { ids }), requestReplay(system.db, { projectId: "p" })]);
    const outcomes = (await Promise.all(Array.from({ length: 4 }, () => replayAll(system.db)))).flat();
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["replayed", "replayed"]);
    expect(await requestReplay(system.db, { ids })).toEqual([]);
    expect(await discardDeadLetters(system.db, { ids })).toEqual([]);

    expect((await system.db.select().from(observations)).map(({ id, name }) => [id, name]).sort()).toEqual([
      ["a", "once refused"],
      ["b", "once refused"],
    ]);
    expect(await system.db.select().from(traces)).toMatchObject([{ observationCount: 2, totalTokens: 14 }]);
    expect(await listDeadLetters(system.db, { filter: { ids }, limit: 5, offset: 0 })).toMatchObject([
      { state: "replayed", payloadBytes: 4 },
      { state: "replayed", payloadBytes: 4 },
    ]);
  });

  test("that were discarded are not replayed, and have forgotten what was in them", async () => {
    await using system = await setupDatabase();
    const [id = ""] = await bury(system.db, job({ observations: [generation("a")] }));
    await requestReplay(system.db, { ids: [id] });
    expect(await discardDeadLetters(system.db, { ids: [id] })).toEqual([id]);
    expect(await replayAll(system.db)).toEqual([]);
    expect(await getDeadLetter(system.db, { id, maxChars: 100 })).toMatchObject({
      state: "discarded",
      payload: "null",
    });
  });

  test("that nobody can read are refused by a replay, too", async () => {
    await using system = await setupDatabase();
    const [id = ""] = await bury(system.db, job({ observations: [generation("a")] }));
    await system.db.update(deadLetters).set({ payload: JSON.stringify({ v: 1, projectId: "p" }) });
    await requestReplay(system.db, {});
    expect(await replayAll(system.db)).toEqual([{ id, outcome: "refused" }]);
    expect((await getDeadLetter(system.db, { id, maxChars: 9 }))?.error).toContain("receivedAtUs");
  });
});
