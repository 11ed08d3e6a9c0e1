import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";

/**
 * Ends transactions whose client is silent in the middle of a statement for longer than the statement timeout, and returns how many.
 *
 * PostgreSQL itself has no time-out for that before version 17: a driver that asks for the types of its parameters has sent half a
 * statement, so that the session is not idle, and while the rest is waited for no statement is cancelled. A process that is frozen
 * then, or whose machine is gone, would hold what it has locked for ever. Sessions of the same user and database only.
 */
export async function endAbandonedTransactions(db: Database): Promise<number> {
  const [ended] = await db.execute<{ count: number }>(sql`
    select count(*) filter (where pg_terminate_backend(pid))::int as count from pg_stat_activity
    where datname = current_database() and usename = current_user and xact_start is not null
      and state = 'active' and wait_event = 'ClientRead'
      and state_change < clock_timestamp() - greatest(current_setting('statement_timeout')::interval, interval '1 second')`);
  return ended?.count ?? 0;
}
