import { INGEST_JOB_VERSION, noEvents, stampOf } from "@xtrace/contract";
import { expect, test } from "vitest";
import { setupDatabase } from "../../test/setup-database.ts";
import { writeBatch } from "../write/write-batch.ts";
import { findSilence } from "./find-silence.ts";

const MINUTE = 60_000_000;
/** Just after the full hour, so that the window reaches into the hour before. */
const NOW = Date.UTC(2026, 0, 2, 3, 1) * 1000;

test("silence is what no project sent in the last three minutes", async () => {
  await using database = await setupDatabase();
  const { db } = database;
  const stamp = stampOf(1);
  const write = async (projectId: string, traceUs: number, observationUs: number) => {
    const events = {
      ...noEvents(),
      traces: [{ id: "t", stamp, timestampUs: traceUs }],
      observations: [{ id: "o", traceId: "t", stamp, startTimeUs: observationUs }],
    };
    await writeBatch(db, [{ v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events }]);
  };
  expect(await findSilence(db, NOW)).toBe("traces");
  await write("long-ago", NOW - 4 * MINUTE, NOW - 4 * MINUTE);
  await write("to-come", NOW + MINUTE, NOW + MINUTE);
  expect(await findSilence(db, NOW)).toBe("traces");
  await write("half", NOW - 2 * MINUTE, NOW - 10 * MINUTE);
  expect(await findSilence(db, NOW)).toBe("observations");
  await write("whole", NOW - 10 * MINUTE, NOW - 2 * MINUTE);
  expect(await findSilence(db, NOW)).toBeNull();
  expect(await findSilence(db, NOW + 5 * MINUTE)).toBe("traces");
});
