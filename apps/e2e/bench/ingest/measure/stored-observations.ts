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

/** Removes all that was ingested, and starts every run from a written-out database. */
export async function emptyTables(sql: Sql): Promise<void> {
  await sql`TRUNCATE traces, observations, scores, metrics, trace_usage, daily_usage, daily_traces, dead_letters`;
  await sql`CHECKPOINT`;
}
