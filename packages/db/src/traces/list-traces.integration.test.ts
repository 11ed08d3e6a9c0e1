import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type OpenDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { countTraces } from "./count-traces.ts";
import { listTraces, traceListStatement, type TraceListQuery } from "./list-traces.ts";

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
           'name' || i % 10, 'user' || i % 100, array['t' || i % 50], to_json(repeat('x', 100)), 0
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
