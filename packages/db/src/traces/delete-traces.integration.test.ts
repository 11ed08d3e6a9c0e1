import { INGEST_JOB_VERSION, noEvents, stampOf, type CanonicalEvents, type IngestJob } from "@xtrace/contract";
import { and, asc, eq, ne } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { findMedia } from "../media/find-media.ts";
import { registerMedia } from "../media/register-media.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage, facetUsage, hourlyCounts } from "../schema/usage.ts";
import { deleteScore } from "../scores/delete-scores.ts";
import { writeBatch } from "../write/write-batch.ts";
import { deleteTraces } from "./delete-traces.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await setupDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const T0 = Date.UTC(2026, 0, 2, 23, 30) * 1000;
const HALF_HOUR = 1_800_000_000;

type Part = Pick<CanonicalEvents, "traces" | "observations" | "scores">;

/** One of 12 traces that share names, environments, models, hours and days with each other. */
function traceOf(index: number): Part {
  const traceId = `t-${index}`;
  const timeUs = T0 + (index % 4) * HALF_HOUR;
  const stamp = stampOf(T0);
  return {
    traces: [
      {
        id: traceId,
        stamp,
        timestampUs: timeUs,
        ...(index % 5 === 0 ? {} : { name: `name-${index % 3}` }),
        environment: ["dev", "prod"][index % 2],
        release: index === 7 ? "r-only-here" : "r",
      },
    ],
    observations: Array.from({ length: 1 + (index % 4) }, (_, n) => ({
      id: `${traceId}-o-${n}`,
      traceId,
      stamp,
      startTimeUs: timeUs + n * HALF_HOUR,
      endTimeUs: timeUs + n * HALF_HOUR + 5,
      type: n % 2 === 0 ? ("GENERATION" as const) : ("SPAN" as const),
      ...(n % 2 === 0 ? { model: `m-${index % 2}`, usageDetails: { input: index }, costDetails: { input: 0.1 } } : {}),
      level: n === 1 ? ("ERROR" as const) : ("DEFAULT" as const),
    })),
    scores: [0, 1].map((n) => ({
      id: `${traceId}-s-${n}`,
      traceId,
      ...(n === 0 ? {} : { observationId: `${traceId}-o-0` }),
      stamp,
      timestampUs: timeUs + n * HALF_HOUR,
      name: "quality",
      dataType: "NUMERIC" as const,
      value: n,
      stringValue: null,
      source: "API" as const,
    })),
  };
}

const ALL = Array.from({ length: 12 }, (_, index) => index);

function jobOf(projectId: string, parts: readonly Part[]): IngestJob {
  const events = {
    ...noEvents(),
    traces: parts.flatMap((part) => part.traces),
    observations: parts.flatMap((part) => part.observations),
    scores: parts.flatMap((part) => part.scores),
  };
  // As it comes out of the queue: absent keys are gone.
  return JSON.parse(JSON.stringify({ v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events })) as IngestJob;
}

/** All that is stored of a project, but when it was written. */
async function stored(projectId: string) {
  const { db } = database;
  const rows = await Promise.all([
    db.select().from(traces).where(eq(traces.projectId, projectId)).orderBy(asc(traces.id)),
    db.select().from(observations).where(eq(observations.projectId, projectId)).orderBy(asc(observations.id)),
    db.select().from(scores).where(eq(scores.projectId, projectId)).orderBy(asc(scores.id)),
    db
      .select()
      .from(dailyUsage)
      .where(eq(dailyUsage.projectId, projectId))
      .orderBy(dailyUsage.day, dailyUsage.type, dailyUsage.model),
    db
      .select()
      .from(facetUsage)
      .where(eq(facetUsage.projectId, projectId))
      .orderBy(facetUsage.facet, facetUsage.value, facetUsage.day, facetUsage.type, facetUsage.model),
    db.select().from(hourlyCounts).where(eq(hourlyCounts.projectId, projectId)).orderBy(hourlyCounts.hour),
  ]);
  return rows.map((all) => all.map((row) => ({ ...row, projectId: "", createdAt: 0, updatedAt: 0 })));
}

describe("deleted traces", () => {
  test.each([[[0]], [[7]], [[3, 4, 11]], [[0, 1, 2, 3, 4, 5, 6, 8, 9, 10]], [ALL]])(
    "%j leave nothing: all tables and rollups are as if they had never come",
    async (doomed) => {
      const { db } = database;
      const [projectId, expected] = [`with-${doomed.join()}`, `without-${doomed.join()}`];
      await writeBatch(db, [jobOf(projectId, ALL.map(traceOf))]);
      const survivors = ALL.filter((index) => !doomed.includes(index)).map(traceOf);
      await writeBatch(db, [jobOf(expected, survivors)]);
      expect(await deleteTraces(db, { projectId, traceIds: doomed.map((index) => `t-${index}`) })).toBe(doomed.length);
      expect(await stored(projectId)).toEqual(await stored(expected));
    },
  );

  test("are deleted while others are written, and no count drifts", async () => {
    const { db } = database;
    await writeBatch(db, [jobOf("busy", ALL.map(traceOf))]);
    const write = (part: Part) =>
      writeBatch(db, [jobOf("busy", [part])]).catch(() => writeBatch(db, [jobOf("busy", [part])]));
    await Promise.all([
      deleteTraces(db, { projectId: "busy", traceIds: ["t-0", "t-1", "t-2", "t-3"] }),
      deleteTraces(db, { projectId: "busy", traceIds: ["t-3", "t-2", "t-9"] }),
      ...ALL.map((index) => write(traceOf(index + 100))),
      ...[1, 5, 9].map((index) => write(traceOf(index))),
    ]);
    // Whatever became of the three that were deleted and written at once.
    await deleteTraces(db, { projectId: "busy", traceIds: ["t-1", "t-9"] });
    await writeBatch(db, [jobOf("calm", [4, 5, 6, 7, 8, 10, 11, ...ALL.map((index) => index + 100)].map(traceOf))]);
    expect(await stored("busy")).toEqual(await stored("calm"));
  });

  test("are found by either spelling of a UUID, once, and only in the caller's project", async () => {
    const { db } = database;
    const id = "0123456789abcdef0123456789abcdef";
    const dashed = "01234567-89ab-cdef-0123-456789abcdef";
    const event = { id, stamp: stampOf(1), timestampUs: T0 };
    const job = (projectId: string) => jobOf(projectId, [{ traces: [event], observations: [], scores: [] }]);
    await writeBatch(db, [job("mine"), job("theirs")]);
    expect(await deleteTraces(db, { projectId: "mine", traceIds: [dashed, id, "nobody's"] })).toBe(1);
    expect(await deleteTraces(db, { projectId: "mine", traceIds: [id] })).toBe(0);
    const left = await db.select({ projectId: traces.projectId }).from(traces).where(eq(traces.id, id));
    expect(left).toEqual([{ projectId: "theirs" }]);
  });

  test("take along the files that nothing else uses", async () => {
    const { db } = database;
    await writeBatch(db, [jobOf("files", [1, 2].map(traceOf))]);
    for (const [mediaId, ownerId] of [
      ["shared", "t-1"],
      ["shared", "t-2"],
      ["own", "t-1"],
    ] as const) {
      const link = { owner: "trace" as const, ownerId, partId: "", field: "input" };
      const file = { projectId: "files", mediaId, sha256: mediaId, contentType: "image/png", contentLength: 1 };
      await registerMedia(db, { ...file, link });
    }
    await deleteTraces(db, { projectId: "files", traceIds: ["t-1"] });
    expect(await findMedia(db, { projectId: "files", mediaId: "own" })).toBeUndefined();
    expect(await findMedia(db, { projectId: "files", mediaId: "shared" })).toBeDefined();
  });

  test("come back with no more than what a late event says", async () => {
    const { db } = database;
    await writeBatch(db, [jobOf("late", [traceOf(3)])]);
    await deleteTraces(db, { projectId: "late", traceIds: ["t-3"] });
    const late = traceOf(3).observations.slice(1, 2);
    await writeBatch(db, [jobOf("late", [{ traces: [], observations: late, scores: [] }])]);
    await writeBatch(db, [jobOf("fresh", [{ traces: [], observations: late, scores: [] }])]);
    expect(await stored("late")).toEqual(await stored("fresh"));
  });

  test("larger than one statement deletes go too", { timeout: 60_000 }, async () => {
    const { db } = database;
    const {
      traces: [event],
    } = traceOf(1);
    await writeBatch(db, [jobOf("large", [{ traces: event ? [event] : [], observations: [], scores: [] }])]);
    const many = (from: number) =>
      Array.from({ length: 3_000 }, (_, n) => ({ id: `o-${from + n}`, traceId: "t-1", stamp: 1, startTimeUs: T0 }));
    for (let from = 0; from < 6_000; from += 3_000) {
      await writeBatch(db, [jobOf("large", [{ traces: [], observations: many(from), scores: [] }])]);
    }
    expect(await deleteTraces(db, { projectId: "large", traceIds: ["t-1"] })).toBe(1);
    expect((await stored("large")).flat()).toEqual([]);
  });
});

describe("a deleted score", () => {
  test("is gone from its table and its hour", async () => {
    const { db } = database;
    const part = traceOf(2);
    await writeBatch(db, [jobOf("scored", [part])]);
    await writeBatch(db, [jobOf("unscored", [{ ...part, scores: part.scores.slice(1) }])]);
    expect(await deleteScore(db, { projectId: "scored", scoreId: "t-2-s-0" })).toBe(true);
    expect(await deleteScore(db, { projectId: "scored", scoreId: "t-2-s-0" })).toBe(false);
    expect(await deleteScore(db, { projectId: "nobody's", scoreId: "t-2-s-1" })).toBe(false);
    const nonEmpty = await db
      .select()
      .from(hourlyCounts)
      .where(and(eq(hourlyCounts.projectId, "scored"), ne(hourlyCounts.scoreCount, 0)));
    expect(nonEmpty).toHaveLength(1);
    expect(await stored("scored")).toEqual(await stored("unscored"));
  });
});
