import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { openDatabase, type OpenDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { countTraces } from "./count-traces.ts";
import { listTraces, traceListStatement, type TraceListQuery } from "./list-traces.ts";
import { withTagsOfFew } from "./with-tags-of-few.ts";

const PROJECT = "p";
const TRACES = 20_000;
const SECOND_US = 1_000_000;
const T0_US = 1_767_225_600_000_000;

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let database: OpenDatabase;
beforeAll(async () => {
  server = await createTestDatabase({ migrate: migrateDatabase });
  database = openDatabase({ url: server.url, poolSize: 2, applicationName: "test", statementTimeoutMs: 30_000 });
  await database.db.execute(sql`
    insert into ${traces} (project_id, id, timestamp, name, user_id, tags, input, event_stamp)
    select ${PROJECT}, lpad(i::text, 6, '0'), '2026-01-01T00:00:00Z'::timestamptz + i * interval '1 second',
           'name' || i % 10, 'user' || i % 100,
           array['t' || i % 50, 'third' || i % 3, case when i < 15000 then 'early' else 'late' end], to_json(repeat('x', 100)), 0
    from generate_series(0, ${TRACES - 1}) i`);
  await database.db.execute(sql`
    insert into ${hourlyCounts} select project_id, date_trunc('hour', timestamp, 'UTC'), count(*), 0, 0 from ${traces} group by 1, 2`);
  await database.db.execute(sql`vacuum analyze ${traces}`);
});
afterAll(async () => {
  await database.close();
  await server[Symbol.asyncDispose]();
});

const newestFirst: TraceListQuery = {
  projectId: PROJECT,
  filter: {},
  order: { column: "timestamp", direction: "desc" },
  limit: 50,
  offset: 0,
  withIo: true,
};

async function planOf(query: TraceListQuery): Promise<string> {
  const rows = await database.db.execute(sql`explain ${traceListStatement(database.db, query).getSQL()}`);
  return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
}

describe("listTraces", () => {
  test("scans the timestamp index backward and sorts nothing", async () => {
    const plan = await planOf(newestFirst);
    expect(plan).toContain("Index Only Scan Backward using traces_project_timestamp_idx");
    expect(plan).not.toContain("Sort");
    expect(plan).not.toContain("Seq Scan");
  });

  test("scans it forward for the oldest first", async () => {
    const plan = await planOf({ ...newestFirst, order: { column: "timestamp", direction: "asc" } });
    expect(plan).toContain("Index Only Scan using traces_project_timestamp_idx");
    expect(plan).not.toContain("Sort");
  });

  test("narrows a time range within the index", async () => {
    const plan = await planOf({ ...newestFirst, filter: { fromUs: T0_US, toUs: T0_US + 1000 * SECOND_US } });
    expect(plan).toMatch(/traces_project_timestamp_idx[^]*Index Cond: .*"timestamp" >=.*"timestamp" </);
    expect(plan).not.toContain("Sort");
  });

  test("finds a user's and a name's traces through their indexes", async () => {
    expect(await planOf({ ...newestFirst, filter: { userId: "user7" } })).toContain("traces_project_user_idx");
    const byName = await planOf({ ...newestFirst, order: { column: "name", direction: "asc" } });
    expect(byName).toContain("traces_project_name_idx");
    expect(byName).not.toContain("Seq Scan");
  });

  test("skips to a deep page in the index, and reads only its rows", async () => {
    const deep = { ...newestFirst, limit: 2, offset: 15_000 };
    const rows = await listTraces(database.db, deep);
    expect(rows.map(({ id }) => id)).toEqual(["004999", "004998"]);
    expect(await planOf(deep)).toContain("Index Only Scan Backward using traces_project_timestamp_idx");
  });

  test("looks up rare matches by their index instead of walking through the order", async () => {
    const rare = { ...newestFirst, filter: { tags: ["nowhere"] }, selective: true };
    expect(await planOf(rare)).toContain("traces_tags_idx");
    expect(await listTraces(database.db, { ...rare, filter: { tags: ["t7"] }, limit: 2 })).toMatchObject([
      { id: "019957" },
      { id: "019907" },
    ]);
  });

  test("reads input, output and metadata only when asked for", async () => {
    const [bare] = await listTraces(database.db, { ...newestFirst, withIo: false });
    expect(Object.keys(bare ?? {})).not.toContain("input");
    const { sql: text } = traceListStatement(database.db, { ...newestFirst, withIo: false }).toSQL();
    expect(text).not.toMatch(/"(input|output|metadata)"/);
  });
});

describe("countTraces", () => {
  const count = async (filter: TraceListQuery["filter"], bound = 100_000) =>
    await countTraces(database.db, { projectId: PROJECT, filter, bound });

  test("takes the daily counts when nothing is filtered", async () => {
    expect(await count({}, 1)).toEqual({ count: TRACES, exact: true });
    expect(await count({ tags: [], environments: [], userId: undefined }, 1)).toEqual({ count: TRACES, exact: true });
    expect(await countTraces(database.db, { projectId: "other", filter: {}, bound: 1 })).toEqual({
      count: 0,
      exact: true,
    });
  });

  test("counts matches up to the bound, and says when there are more", async () => {
    expect(await count({ name: "name1" })).toEqual({ count: 2000, exact: true });
    expect(await count({ name: "name1" }, 2000)).toEqual({ count: 2000, exact: true });
    expect(await count({ name: "name1" }, 1999)).toEqual({ count: 1999, exact: false });
    expect(await count({ name: "nobody" })).toEqual({ count: 0, exact: true });
  });
});

describe("withTagsOfFew", () => {
  type Case = [name: string, byTrace: boolean, filter: TraceListQuery["filter"], matches: (i: number) => boolean];
  const CASES: Case[] = [
    ["a common tag", false, { tags: ["third1"] }, (i) => i % 3 === 1],
    ["a common tag of a user", true, { tags: ["third2"], userId: "user4" }, (i) => i % 300 === 104],
    ["two tags of a user", true, { tags: ["third0", "late"], userId: "user4" }, (i) => i >= 15_000 && i % 300 === 204],
    ["a tag of a name of many", false, { tags: ["third0"], name: "name4" }, (i) => i % 30 === 24],
    [
      "a tag of an hour and a name",
      true,
      { tags: ["late"], name: "name4", fromUs: T0_US + 12_000 * SECOND_US },
      (i) => i >= 15_000 && i % 10 === 4,
    ],
    ["a tag that the newest do not have", false, { tags: ["early"], name: "name4" }, (i) => i < 15_000 && i % 10 === 4],
    ["a tag of a user whom nobody knows", true, { tags: ["third2"], userId: "nobody" }, () => false],
    ["a tag of an environment of many", false, { tags: ["late"], environments: ["default"] }, (i) => i >= 15_000],
    ["a tag, a user and a name", false, { tags: ["third1"], userId: "user1", name: "name1" }, (i) => i % 300 === 1],
    [
      "a tag of a user within a time",
      true,
      { tags: ["third1"], userId: "user1", toUs: T0_US + 6_000 * SECOND_US },
      (i) => i % 300 === 1 && i < 6_000,
    ],
  ];

  test.each(CASES)("%s: the same traces, and as many, either way", async (_, byTrace, asked, matches) => {
    const filter = await withTagsOfFew(database.db, PROJECT, asked);
    expect(filter.tagsByTrace).toBe(byTrace || undefined);
    const newest = Array.from({ length: TRACES }, (__, i) => TRACES - 1 - i);
    const expected = newest.filter(matches).map((i) => String(i).padStart(6, "0"));
    for (const way of [filter, { ...asked, tagsByTrace: true } as const]) {
      const query = { projectId: PROJECT, filter: way };
      expect(await countTraces(database.db, { ...query, bound: TRACES })).toEqual({
        count: expected.length,
        exact: true,
      });
      for (const selective of [true, false]) {
        const rows = await listTraces(database.db, { ...newestFirst, ...query, offset: 10, selective });
        expect(rows.map(({ id }) => id)).toEqual(expected.slice(10, 60));
      }
    }
  });

  test("reads none but the user's traces", async () => {
    const plans = await explainStatements(server.url, async (db) => {
      const filter = await withTagsOfFew(db, PROJECT, { tags: ["third2"], userId: "user4" });
      await countTraces(db, { projectId: PROJECT, filter, bound: 1_000 });
      await listTraces(db, { ...newestFirst, filter, selective: true });
    });
    const ofTraces = plans.filter((plan) => !plan.includes("hourly_counts"));
    expect(ofTraces).toHaveLength(3);
    for (const plan of ofTraces) {
      expect(plan).toContain("traces_project_user_idx");
      expect(plan).not.toContain("traces_tags_idx");
    }
  });
});
