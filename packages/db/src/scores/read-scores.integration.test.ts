import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { explainStatements } from "../../test/explain-statements.ts";
import { setupDatabase } from "../../test/setup-database.ts";
import type { Database } from "../client.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { hourlyCounts } from "../schema/usage.ts";
import { countScores } from "./count-scores.ts";
import { listScores, type ScoreListQuery } from "./list-scores.ts";
import { narrowByTraces } from "./narrow-by-traces.ts";
import type { ScoreFilter } from "./score-filter.ts";

const T0_US = Date.UTC(2026, 0, 1) * 1000;
const filter = { projectId: "mine" };

/** 20,000 scores of 5,000 traces in each of two projects, one a second. */
async function fill(db: Database): Promise<void> {
  await db.execute(sql`
    insert into ${traces} (project_id, id, timestamp, user_id, event_stamp)
    select project, 't' || n, to_timestamp(${T0_US / 1e6}) + n * interval '1 second', 'u' || n % 500, 0
    from unnest(array['mine', 'theirs']) project, generate_series(1, 5000) n`);
  await db.execute(sql`
    insert into ${scores} (project_id, id, timestamp, name, data_type, value, trace_id, source, event_stamp)
    select project, 's' || n, to_timestamp(${T0_US / 1e6}) + n * interval '1 second', 'quality', 'NUMERIC', n, 't' || n % 5000 + 1, 'API', 0
    from unnest(array['mine', 'theirs']) project, generate_series(1, 20000) n`);
  await db.execute(sql`
    insert into ${hourlyCounts} select project_id, date_trunc('hour', timestamp, 'UTC'), 0, 0, count(*) from ${scores} group by 1, 2`);
  await db.execute(sql`vacuum analyze ${scores}, ${traces}`);
}

test("reads no more than a page, wherever it is, and no more traces than scores", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const planOf = async (query: ScoreListQuery) =>
    (await explainStatements(database.url, (db) => listScores(db, query)))[0] ?? "";

  const first = await planOf({ filter, limit: 50 });
  expect(first).toMatch(/Index Only Scan Backward using scores_project_timestamp_idx[^\n]*rows=50/);
  const deep = await planOf({ filter, limit: 50, before: { timestampUs: T0_US + 100_000_000, id: "s100" } });
  expect(deep).toMatch(/Index Only Scan Backward using scores_project_timestamp_idx[^\n]*rows=50/);
  for (const plan of [first, deep]) {
    expect(plan).not.toContain("Seq Scan");
    expect(plan).toMatch(/using traces_project_id_id_pk[^\n]*rows=1[^\n]*loops=50/);
  }
  const ofTrace = await planOf({ filter: { ...filter, traceIds: ["t17"] }, limit: 50 });
  expect(ofTrace).toContain("scores_project_trace_idx");
  expect(ofTrace).not.toContain("Seq Scan");
});

test("counts up to its bound with a filter, and exactly without", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const named = { ...filter, names: ["quality"] };
  expect(await countScores(database.db, { filter: named, bound: 20_000 })).toEqual({ count: 20_000, exact: true });
  expect(await countScores(database.db, { filter: named, bound: 19_999 })).toEqual({ count: 19_999, exact: false });
  expect(await countScores(database.db, { filter, bound: 10 })).toEqual({ count: 20_000, exact: true });
  expect(await countScores(database.db, { filter: { projectId: "nobody" }, bound: 10 })).toEqual({
    count: 0,
    exact: true,
  });
});

test("the same page by offset and by position", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  const [last] = (await listScores(database.db, { filter, limit: 1, offset: 99 })).map(({ score }) => score);
  const byOffset = await listScores(database.db, { filter, limit: 20, offset: 100 });
  const byPosition = await listScores(database.db, {
    filter,
    limit: 20,
    before: { timestampUs: last?.timestamp ?? 0, id: last?.id ?? "" },
  });
  expect(byPosition).toEqual(byOffset);
  expect(byOffset.map(({ score }) => score.id)).toEqual(Array.from({ length: 20 }, (_, i) => `s${19_900 - i}`));
});

test("scores of few traces, of many, and of none", async () => {
  await using database = await setupDatabase();
  await fill(database.db);
  await database.db.execute(sql`update ${traces} set tags = array['most'] where substr(id, 2)::int > 1000`);
  await database.db.execute(sql`update ${traces} set tags = array['late', 'most'] where substr(id, 2)::int > 4700`);
  const read = async (asked: ScoreFilter, bound = 20_000) => {
    const { filter: narrowed, counted } = await narrowByTraces(database.db, asked, bound);
    const listed = await listScores(database.db, { filter: narrowed, limit: 3, selective: true });
    const inOrder = await listScores(database.db, { filter: narrowed, limit: 3 });
    expect(inOrder).toEqual(listed);
    const total = await countScores(database.db, { filter: narrowed, bound });
    expect(await countScores(database.db, { filter: asked, bound })).toEqual(total);
    expect(counted ?? total).toEqual(total);
    const ids = listed.map(({ score }) => score.id);
    return { isNarrowed: narrowed.inTraces !== undefined, isCounted: counted !== undefined, ids, total };
  };
  // The score sN judges the trace tM with M = N % 5000 + 1, whose user is uM % 500.
  expect(await read({ ...filter, userId: "u7" })).toMatchObject({
    isNarrowed: true,
    ids: ["s19506", "s19006", "s18506"],
    total: { count: 40, exact: true },
  });
  const most = { ...filter, traceTags: ["most"] };
  expect(await read(most)).toMatchObject({
    isNarrowed: false,
    isCounted: false,
    ids: ["s19999", "s19998", "s19997"],
    total: { count: 16_000, exact: true },
  });
  expect(await read(most, 1_000)).toMatchObject({ isCounted: true, total: { count: 1_000, exact: false } });
  // Of the newest scores three of five are of such a trace, further on one of sixteen: the walk does not tell.
  const late = { ...filter, traceTags: ["late"] };
  expect(await read(late, 1_000)).toMatchObject({ isCounted: false, total: { count: 1_000, exact: false } });
  // Times that hold few scores, and fewer than are looked at.
  const toUs = T0_US + 1_400 * 1_000_000;
  expect(await read({ ...most, toUs }, 100)).toMatchObject({ isCounted: true, total: { count: 100, exact: false } });
  const fromUs = T0_US + 1_100 * 1_000_000;
  expect(await read({ ...most, fromUs, toUs })).toMatchObject({ isCounted: true, total: { count: 300, exact: true } });
  expect(await read({ ...most, names: ["nothing"] })).toMatchObject({ ids: [], total: { count: 0, exact: true } });
  expect(await read({ ...filter, userId: "nobody" })).toMatchObject({
    isNarrowed: true,
    ids: [],
    total: { count: 0, exact: true },
  });
  expect(await read({ ...filter, userId: "u7", traceTags: ["most"] })).toMatchObject({ total: { count: 32 } });
});
