import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";

/** Fewer changed rows are not worth a look: every plan is good for them. */
const MIN_CHANGED_ROWS = 50;

/**
 * Analyzes the tables that have doubled since somebody last did, and returns their names.
 *
 * Autovacuum does that too, but looks once a minute, and a new system writes a great deal in its first
 * minute with plans made for empty tables: without statistics, a foreign key check reads the whole project.
 * Doubling keeps the cost bounded however much is written. Tables that another process is at are left to it.
 */
export async function analyzeGrownTables(db: Database): Promise<string[]> {
  const grown = await db.execute<{ name: string }>(sql`
    select s.relname as name from pg_stat_user_tables s join pg_class c on c.oid = s.relid
    where s.schemaname = 'public' and s.n_mod_since_analyze > greatest(${MIN_CHANGED_ROWS}, c.reltuples)`);
  const names = grown.map(({ name }) => name);
  for (const name of names) await db.execute(sql`analyze (skip_locked) ${sql.identifier(name)}`);
  return names;
}
