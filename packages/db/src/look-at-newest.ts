import { sql, type SQL } from "drizzle-orm";
import { getTableConfig, type PgColumn, type PgTable } from "drizzle-orm/pg-core";
import type { Database } from "./client.ts";

export type Walk = {
  readonly table: PgTable;
  readonly time: PgColumn;
  /** What an index that ends with the time finds, in its order. */
  readonly along: SQL | undefined;
  /** What is asked of each row that is met. */
  readonly condition: SQL | undefined;
};

/** How many rows were met, fewer than asked for where there are no more, and how many of them match. */
export type Seen = { rows: number; matches: number };

/**
 * Looks at the newest `rows` rows, which tells how common a condition is among them before an index is asked that has to
 * give all its matches at once: a GIN index takes 30 ms for 300,000 of them.
 */
export async function lookAtNewest(db: Database, walk: Walk, rows: number): Promise<Seen> {
  const { table, time, along, condition } = walk;
  // The rows that are met bear the table's name, so that conditions on the table are about them.
  const name = sql.identifier(getTableConfig(table).name);
  const [seen] = await db.execute<Seen>(sql`
    select count(*)::int as rows, (count(*) filter (where ${condition}))::int as matches
    from (select * from ${table} where ${along} order by ${time} desc limit ${rows}) as ${name}`);
  return seen ?? { rows: 0, matches: 0 };
}
