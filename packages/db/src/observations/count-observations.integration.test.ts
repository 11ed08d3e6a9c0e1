import {
  INGEST_JOB_VERSION,
  noEvents,
  OBSERVATION_TYPES,
  stampOf,
  type IngestJob,
  type ObservationEvent,
} from "@xtrace/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setupDatabase } from "../../test/setup-database.ts";
import { writeBatch } from "../write/write-batch.ts";
import { countObservations } from "./count-observations.ts";
import type { ObservationFilter } from "./observation-filter.ts";
import { listObservations } from "./list-observations.ts";
import { withFewTraces } from "./with-few-traces.ts";

const PROJECT = "p";
const T0_US = Date.UTC(2026, 0, 1) * 1000;
const MODELS = ["a", "b", "", undefined];

let database: Awaited<ReturnType<typeof setupDatabase>>;
beforeAll(async () => {
  database = await setupDatabase();
  const observations = Array.from({ length: 90 }, (_, n): ObservationEvent => {
    const type = [...OBSERVATION_TYPES, undefined][n % (OBSERVATION_TYPES.length + 1)];
    const model = MODELS[n % MODELS.length];
    return {
      id: `o${n}`,
      traceId: `t${n % 7}`,
      stamp: stampOf(T0_US),
      startTimeUs: T0_US + n * 3_600_000_000,
      ...(type && { type }),
      ...(model !== undefined && { model }),
    };
  });
  const traces = [0, 1, 2].map((n) => ({ id: `t${n}`, stamp: stampOf(T0_US), timestampUs: T0_US, userId: "ada" }));
  for (const projectId of [PROJECT, "other"]) {
    const events = { ...noEvents(), traces, observations };
    const job: IngestJob = { v: INGEST_JOB_VERSION, projectId, receivedAtUs: T0_US, events };
    await writeBatch(database.db, [job]);
  }
});
afterAll(() => database[Symbol.asyncDispose]());

const FILTERS: readonly ObservationFilter[] = [
  {},
  ...OBSERVATION_TYPES.map((type) => ({ type })),
  { model: "a" },
  { model: "nobody's" },
  { model: "" },
  { type: "SPAN", model: "b" },
  { type: "SPAN", model: "" },
  { type: "GENERATION", fromUs: T0_US + 20 * 3_600_000_000 },
  { userId: "ada" },
  { userId: "nobody" },
  { userId: "ada", model: "a" },
  { userId: "ada", type: "SPAN" },
];

test.each(FILTERS)("counts as many as there are to list by %j", async (asked) => {
  const { db } = database;
  const filter = await withFewTraces(db, PROJECT, asked);
  const rows = await listObservations(db, { projectId: PROJECT, filter, limit: 100, offset: 0 });
  expect(await countObservations(db, { projectId: PROJECT, filter, bound: 1_000 })).toEqual({
    count: rows.length,
    exact: true,
  });
});

test("what a user's traces hold is counted up to the bound", async () => {
  const { db } = database;
  const filter = await withFewTraces(db, PROJECT, { userId: "ada" });
  expect(await countObservations(db, { projectId: PROJECT, filter, bound: 10 })).toEqual({ count: 10, exact: false });
});
