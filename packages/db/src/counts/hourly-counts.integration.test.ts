import { sql } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { listObservations } from "../observations/list-observations.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { listScores } from "../scores/list-scores.ts";
import { countTraces } from "../traces/count-traces.ts";
import { listTraces, type TraceOrder } from "../traces/list-traces.ts";
import { countInRange } from "./hourly-counts.ts";

const PROJECT = "p";
const ROWS = 6_000;
const SECOND_US = 1_000_000;
const T0_US = Date.UTC(2026, 0, 1, 22, 30) * 1000;

let database: TestDatabase;
/** Oldest first: 200 an hour over midnight, an hour of 2,000 at a single instant, and a gap of ten days. */
let timesUs: number[];

beforeAll(async () => {
  database = await setupDatabase();
  timesUs = Array.from({ length: ROWS }, (_, i) => {
    if (i < 3_000) return T0_US + i * 18 * SECOND_US;
    return i < 5_000 ? T0_US + 240 * 3_600 * SECOND_US : T0_US + (241 * 3_600 + (i - 5_000) * 18) * SECOND_US;
  });
  const rows = JSON.stringify(timesUs.map((timeUs, i) => ({ i, time: new Date(timeUs / 1000).toISOString() })));
  const given = sql`json_to_recordset(${rows}::text::json) as r(i int, time timestamptz)`;
  const id = sql`lpad(i::text, 5, '0')`;
  const { db } = database;
  await db.execute(
    sql`insert into ${traces} (project_id, id, timestamp, event_stamp) select ${PROJECT}, ${id}, time, 0 from ${given}`,
  );
  await db.execute(sql`
    insert into ${observations} (project_id, id, trace_id, start_time, event_stamp) select ${PROJECT}, ${id}, ${id}, time, 0 from ${given}`);
  await db.execute(sql`
    insert into ${scores} (project_id, id, timestamp, name, data_type, source, event_stamp)
    select ${PROJECT}, ${id}, time, 'q', 'NUMERIC', 'API', 0 from ${given}`);
  await db.execute(sql`
    insert into ${hourlyCounts} select ${PROJECT}, date_trunc('hour', time, 'UTC'), count(*), count(*), count(*) from ${given} group by 2`);
  await db.execute(sql`vacuum analyze ${traces}, ${observations}, ${scores}, ${hourlyCounts}`);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
});

const idOf = (i: number) => String(i).padStart(5, "0");

/** Ranges that begin and end on hours, inside them, nowhere, and the wrong way round. */
const bound = fc.option(
  fc.oneof(
    fc.nat(ROWS - 1).map((i) => timesUs[i] ?? 0),
    fc.integer({ min: -1, max: 250 }).map((hours) => Math.floor(T0_US / 3.6e9) * 3.6e9 + hours * 3.6e9),
  ),
  { nil: undefined },
);
const range = fc.record({ fromUs: bound, toUs: bound });

function expectedIds({
  fromUs = -Infinity,
  toUs = Infinity,
}: {
  fromUs?: number | undefined;
  toUs?: number | undefined;
}): string[] {
  return timesUs.flatMap((timeUs, i) => (timeUs >= fromUs && timeUs < toUs ? [idOf(i)] : []));
}

describe("pages of lists by time", () => {
  test("hold exactly the rows at their place, at any depth, in any range and both directions", async () => {
    const { db } = database;
    await fc.assert(
      fc.asyncProperty(range, fc.nat(ROWS + 100), fc.constantFrom("asc", "desc"), async (filter, offset, direction) => {
        const order: TraceOrder = { column: "timestamp", direction };
        const query = { projectId: PROJECT, filter, limit: 30, offset };
        const ids = expectedIds(filter);
        const newestFirst = ids.toReversed().slice(offset, offset + 30);
        const expected = direction === "asc" ? ids.slice(offset, offset + 30) : newestFirst;

        expect((await listTraces(db, { ...query, order, withIo: false })).map((row) => row.id)).toEqual(expected);
        expect((await listObservations(db, query)).map((row) => row.id)).toEqual(newestFirst);
        const found = await listScores(db, { ...query, filter: { ...filter, projectId: PROJECT } });
        expect(found.map(({ score }) => score.id)).toEqual(newestFirst);
        expect(await countInRange(db, { projectId: PROJECT, of: "observations", range: filter })).toBe(ids.length);
        expect(await countTraces(db, { projectId: PROJECT, filter, bound: 1 })).toEqual({
          count: ids.length,
          exact: true,
        });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test("do not read the rows of the hours before them", async () => {
    const query = { projectId: PROJECT, filter: {}, limit: 50, offset: 5_000 } as const;
    const plans = await explainStatements(database.url, (db) =>
      listTraces(db, { ...query, order: { column: "timestamp", direction: "desc" }, withIo: false }),
    );
    const walked = /Index Only Scan Backward using traces_project_timestamp_idx[^\n]*rows=(\d+)/.exec(
      plans.at(-1) ?? "",
    );
    expect(Number(walked?.[1])).toBeLessThanOrEqual(250);
  });
});
