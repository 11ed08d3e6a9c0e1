import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";

/** Observations that are committed, from a few rows that the writer keeps exact: cheap enough to ask often. */
export async function storedSoFar(sql: Sql): Promise<number> {
  const [row] = await sql<
    Array<{ count: string }>
  >`SELECT coalesce(sum(observation_count), 0) AS count FROM daily_usage`;
  return Number(row?.count ?? 0);
}

/** The same by looking at every row. */
export async function countStored(sql: Sql): Promise<number> {
  const [row] = await sql<Array<{ count: string }>>`SELECT count(*) FROM observations`;
  return Number(row?.count ?? 0);
}

const DRAIN_POLL_MS = 50;

/** Resolves when so many are stored: what is on its way would otherwise fall into what comes next. */
export async function untilStored(sql: Sql, observations: number): Promise<void> {
  while ((await storedSoFar(sql)) < observations) await sleep(DRAIN_POLL_MS);
}

const KEPT_TABLES = ["projects", "api_keys"];

/** Removes all that was ingested, and starts every run from a written-out database. */
export async function emptyTables(sql: Sql): Promise<void> {
  const tables = await sql<Array<{ name: string }>>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(${KEPT_TABLES})`;
  await sql`TRUNCATE ${sql(tables.map(({ name }) => name))}`;
  await sql`CHECKPOINT`;
}
