import { createTestDatabase } from "@xtrace/testkit";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type OpenDatabase } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { countObservations } from "./count-observations.ts";
import { listObservationsAfter } from "./list-observations-after.ts";
import { listObservations } from "./list-observations.ts";

const PROJECT = "p";
const OBSERVATIONS = 20_000;

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let database: OpenDatabase;
beforeAll(async () => {
  server = await createTestDatabase({ migrate: migrateDatabase });
  database = openDatabase({ url: server.url, poolSize: 2, applicationName: "test", statementTimeoutMs: 30_000 });
  await database.db.execute(sql`
    insert into ${traces} (project_id, id, timestamp, event_stamp)
    select ${PROJECT}, 't' || i, '2026-01-01T00:00:00Z'::timestamptz, 0 from generate_series(0, 99) i`);
  // Two at every instant, so that a cursor has to look beyond the time.
  await database.db.execute(sql`
    insert into ${observations} (project_id, id, trace_id, start_time, event_stamp)
    select ${PROJECT}, lpad(i::text, 6, '0'), 't' || i % 100, '2026-01-01T00:00:00Z'::timestamptz + i / 2 * interval '1 second', 0
    from generate_series(0, ${OBSERVATIONS - 1}) i`);
  await database.db.execute(sql`
    insert into ${hourlyCounts} select project_id, date_trunc('hour', start_time, 'UTC'), 0, count(*), 0 from ${observations} group by 1, 2`);
  await database.db.execute(sql`vacuum analyze ${observations}`);
});
afterAll(async () => {
  await database.close();
  await server[Symbol.asyncDispose]();
});

describe("listObservations", () => {
  test("skips to a deep page", async () => {
    const rows = await listObservations(database.db, { projectId: PROJECT, filter: {}, limit: 3, offset: 15_000 });
    expect(rows.map(({ id }) => id)).toEqual(["004999", "004998", "004997"]);
  });
});

describe("listObservationsAfter", () => {
  test("walks the whole project, each row once", async () => {
    const read: string[] = [];
    let after: { startTimeUs: number; id: string; traceId: string } | undefined;
    for (;;) {
      const query = { projectId: PROJECT, filter: {}, after, limit: 1001, withIo: false, withMetadata: false };
      const rows = await listObservationsAfter(database.db, query);
      const last = rows.at(-1)?.observation;
      if (!last) break;
      read.push(...rows.map(({ observation }) => observation.id));
      after = { startTimeUs: last.startTime, id: last.id, traceId: last.traceId };
    }
    expect(read.length).toBe(OBSERVATIONS);
    expect(read).toEqual(read.toSorted().toReversed());
  });
});

describe("countObservations", () => {
  test("counts matches up to the bound", async () => {
    const count = (bound: number) =>
      countObservations(database.db, { projectId: PROJECT, filter: { traceId: "t1" }, bound });
    expect(await count(200)).toEqual({ count: 200, exact: true });
    expect(await count(199)).toEqual({ count: 199, exact: false });
  });
});
