import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type OpenDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { traces } from "../schema/traces.ts";
import { countSessions } from "./count-sessions.ts";
import { listSessions } from "./list-sessions.ts";
import { listSessionTraces } from "./list-session-traces.ts";
import { summarizeSessions } from "./summarize-sessions.ts";

const PROJECT = "p";
const SESSIONS = 500;

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let database: OpenDatabase;
beforeAll(async () => {
  server = await createTestDatabase({ migrate: migrateDatabase });
  database = openDatabase({ url: server.url, poolSize: 2, applicationName: "test", statementTimeoutMs: 30_000 });
  // Sessions overlap: each has a trace in every round.
  await database.db.execute(sql`
    insert into ${traces} (project_id, id, timestamp, session_id, user_id, event_stamp)
    select ${PROJECT}, 'r' || round || '-' || i, '2026-01-01T00:00:00Z'::timestamptz + (round * ${SESSIONS}::int + i) * interval '1 second',
           's' || lpad(i::text, 3, '0'), 'u' || round, 0
    from generate_series(0, 9) round, generate_series(0, ${SESSIONS - 1}) i`);
  await database.db.execute(sql`vacuum analyze ${traces}`);
});
afterAll(async () => {
  await database.close();
  await server[Symbol.asyncDispose]();
});

describe("listSessions", () => {
  test("lists each session once, by its beginning", async () => {
    const sessions = await listSessions(database.db, { projectId: PROJECT, filter: {}, limit: 1000, offset: 0 });
    expect(sessions.length).toBe(SESSIONS);
    expect(sessions.map(({ id }) => id)).toEqual(
      sessions
        .map(({ id }) => id)
        .toSorted()
        .toReversed(),
    );
  });

  test("reads the same sessions by scanning and, deep down, by grouping", async () => {
    const list = (offset: number, limit: number) =>
      listSessions(database.db, { projectId: PROJECT, filter: {}, limit, offset });
    const scanned = await list(100, 200);
    const grouped = await list(100, 2000);
    expect(scanned.length).toBe(200);
    expect(grouped.length).toBe(400);
    expect(grouped.slice(0, 200)).toEqual(scanned);
    expect(await list(5000, 50)).toEqual([]);
  });
});

describe("countSessions", () => {
  const count = (filter: { toUs?: number }, bound: number) =>
    countSessions(database.db, { projectId: PROJECT, filter, bound });

  test("counts up to the bound, with and without a filter", async () => {
    const toUs = 1_767_225_600_000_000 + 100 * 1_000_000;
    expect(await count({}, 500)).toEqual({ count: 500, exact: true });
    expect(await count({}, 499)).toEqual({ count: 499, exact: false });
    expect(await count({ toUs }, 500)).toEqual({ count: 100, exact: true });
    expect(await count({ toUs }, 99)).toEqual({ count: 99, exact: false });
  });
});

describe("summarizeSessions", () => {
  test("names no more users than asked for, and no session that has no trace", async () => {
    const query = { projectId: PROJECT, sessionIds: ["s001", "nope"], maxUsers: 3 };
    const [summary, ...rest] = await summarizeSessions(database.db, query);
    expect(rest).toEqual([]);
    expect(summary).toMatchObject({ id: "s001", traceCount: 10, totalCost: "0", totalTokens: 0 });
    expect(summary?.userIds.length).toBe(3);
    expect(await summarizeSessions(database.db, { ...query, sessionIds: [] })).toEqual([]);
  });
});

describe("listSessionTraces", () => {
  test("keeps the newest, oldest first", async () => {
    const query = { projectId: PROJECT, sessionId: "s001", limit: 2, withIo: false };
    const rows = await listSessionTraces(database.db, query);
    expect(rows.map(({ id }) => id)).toEqual(["r8-1", "r9-1"]);
  });
});
