import type { RowCount } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { PgSelect } from "drizzle-orm/pg-core";
import type { Database } from "./client.ts";

/** What to select in a statement that is only counted. */
export const ONE = { one: sql<number>`1`.as("one") };

/**
 * Counts a statement's rows up to `bound`: beyond it a count costs more than it tells.
 * `exact` is false when there are more.
 */
export async function countUpTo(db: Database, statement: PgSelect, bound: number): Promise<RowCount> {
  const limited = statement.limit(bound + 1);
  const [row] = await db.execute<{ count: number }>(sql`select count(*)::int as count from (${limited}) as matches`);
  return upTo(bound, row?.count ?? 0);
}

/** What a count says that found `found`, if need be by stopping right behind `bound`. */
export function upTo(bound: number, found: number): RowCount {
  return { count: Math.min(found, bound), exact: found <= bound };
}
