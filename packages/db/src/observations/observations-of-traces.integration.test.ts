import type { FilterCondition } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { countObservations } from "./count-observations.ts";
import { listObservationsAfter, type ObservationCursor } from "./list-observations-after.ts";
import { listObservations } from "./list-observations.ts";
import type { ObservationFilter } from "./observation-filter.ts";
import { withFewTraces } from "./with-few-traces.ts";

const PROJECT = "p";
const OBSERVATIONS = 50_000;

let database: TestDatabase;
/**
 * Ten observations a trace, one a second. Seven traces of ten are an early user's, the first ones.
 * What a trace says of its own time has nothing to do with its observations.
 */
beforeAll(async () => {
  database = await setupDatabase();
  await database.db.execute(sql`
    insert into ${traces} (project_id, id, timestamp, user_id, name, tags, observation_count, event_stamp, first_start_time, last_end_time)
    select ${PROJECT}, 't' || i, timestamptz '2026-01-01T00:00:00Z' + i * 7919 % 5000 * interval '10 seconds',
      case when i < 3500 then 'early' when i = 4000 then 'rare' end, 'n' || i % 2, case when i = 7 then array['odd'] else '{}' end, 10, 0,
      timestamptz '2026-01-01T00:00:00Z' + i * interval '10 seconds', timestamptz '2026-01-01T00:00:00Z' + (i * 10 + 9) * interval '1 second'
    from generate_series(0, ${OBSERVATIONS / 10 - 1}) i`);
  await database.db.execute(sql`
    insert into ${observations} (project_id, id, trace_id, start_time, name, event_stamp)
    select ${PROJECT}, lpad(i::text, 6, '0'), 't' || i / 10, timestamptz '2026-01-01T00:00:00Z' + i * interval '1 second', 'o' || i % 10, 0
    from generate_series(0, ${OBSERVATIONS - 1}) i`);
  await database.db.execute(sql`
    insert into ${hourlyCounts} select project_id, date_trunc('hour', start_time, 'UTC'), 0, count(*), 0 from ${observations} group by 1, 2`);
  await database.db.execute(sql`vacuum analyze ${observations}, ${traces}, ${hourlyCounts}`);
});
afterAll(() => database[Symbol.asyncDispose]());

const named = (operator: "=" | "<>", value: string): FilterCondition => ({
  type: "string",
  column: "traceName",
  operator,
  value,
});
const FILTERS: Array<[name: string, filter: ObservationFilter, matches: (i: number) => boolean]> = [
  ["a user with many traces", { userId: "early" }, (i) => i < 35_000],
  ["that, and a name", { userId: "early", name: "o3" }, (i) => i < 35_000 && i % 10 === 3],
  ["a user with one trace", { userId: "rare" }, (i) => Math.floor(i / 10) === 4000],
  ["a user with none", { userId: "nobody" }, () => false],
  ["another trace name", { conditions: [named("<>", "n1")] }, (i) => Math.floor(i / 10) % 2 === 0],
  [
    "a tag and a name",
    { name: "o1", conditions: [{ type: "arrayOptions", column: "tags", operator: "any of", value: ["odd"] }] },
    (i) => i === 71,
  ],
  [
    "no tag",
    { conditions: [{ type: "arrayOptions", column: "traceTags", operator: "none of", value: ["odd"] }] },
    (i) => Math.floor(i / 10) !== 7,
  ],
];

describe.each(FILTERS)("observations of the traces of %s", (_, asked, matches) => {
  const newestFirst = Array.from({ length: OBSERVATIONS }, (__, i) => OBSERVATIONS - 1 - i);
  const expected = newestFirst.filter(matches).map((i) => String(i).padStart(6, "0"));

  // The second page is not to be had from the newest observations alone.
  test.each([
    { limit: 5, offset: 0 },
    { limit: 5, offset: 34_000 },
    { limit: 50, offset: 1_000 },
  ])("a page of $limit behind $offset", async ({ limit, offset }) => {
    const filter = await withFewTraces(database.db, PROJECT, asked);
    const rows = await listObservations(database.db, { projectId: PROJECT, filter, limit, offset });
    expect(rows.map(({ id }) => id)).toEqual(expected.slice(offset, offset + limit));
  });

  test("from a cursor on", async () => {
    const query = { projectId: PROJECT, filter: asked, withIo: false, withMetadata: false };
    const read: string[] = [];
    let after: ObservationCursor | undefined;
    for (const limit of [7, 13, 20_000]) {
      const rows = await listObservationsAfter(database.db, { ...query, limit, after });
      const last = rows.at(-1)?.observation;
      if (!last) break;
      read.push(...rows.map(({ observation }) => observation.id));
      after = { startTimeUs: last.startTime, id: last.id, traceId: last.traceId };
    }
    expect(read).toEqual(expected.slice(0, 20_020));
  });

  test("their number, up to the bound", async () => {
    const filter = await withFewTraces(database.db, PROJECT, asked);
    const count = (bound: number) => countObservations(database.db, { projectId: PROJECT, filter, bound });
    expect(await count(OBSERVATIONS)).toEqual({ count: expected.length, exact: true });
    const below = Math.max(expected.length - 1, 0);
    expect(await count(below)).toEqual({ count: below, exact: below === expected.length });
  });
});

test("walks no further than to the end of its page", async () => {
  const filter = { userId: "early", name: "o3", toUs: Date.UTC(2026, 0, 1, 5) * 1000 };
  const list = { projectId: PROJECT, filter, limit: 20, offset: 0 };
  const plans = await explainStatements(database.url, (db) => listObservations(db, list));
  expect(plans.at(-1)).toMatch(/SubPlan[^\n]*\n[^\n]*traces_project_id_id_pk[^\n]*loops=21\b/);
});

test("reads no observations from before the page, however long ago it is", async () => {
  const list = { projectId: PROJECT, filter: { userId: "early" }, limit: 20, offset: 0 };
  const plans = await explainStatements(database.url, (db) => listObservations(db, list));
  const rows = [...(plans.at(-1) ?? "").matchAll(/on observations[^\n]*rows=(\d+)[^\n]*loops=(\d+)/g)];
  expect(rows.length).toBeGreaterThan(0);
  // What is newer and somebody else's, and a part of what matches: these traces lie about their time.
  for (const [, count, loops] of rows) expect(Number(count) * Number(loops)).toBeLessThan(25_000);
});
