import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { settledEvents, settledJobs } from "../schema/settlement.ts";

/** A job whose acknowledgement was lost in a crash of the queue comes back within seconds of its return. */
const KEEP = sql`interval '10 minutes'`;
/** Where nobody can tell which jobs are still in the queue. */
const KEEP_UNSEEN = sql`interval '2 hours'`;

/**
 * Forgets jobs that cannot be delivered again: settled a while ago, and not in the queue any more.
 * `queued` are the ids of the jobs that it has, or `null` where it has too many to say.
 */
export async function forgetSettledJobs(db: Database, queued: readonly string[] | null): Promise<number> {
  const result = await db.execute(sql`
    delete from ${settledJobs}
    where settled_at < now() - ${queued === null ? KEEP_UNSEEN : KEEP}
      and not id = any(array(select json_array_elements_text(${JSON.stringify(queued ?? [])}::text::json)))`);
  return result.count;
}

/** Replaces the rows of single batches by their sum, in one statement: whoever reads sees the same total before and after. */
export async function addUpSettledEvents(db: Database): Promise<void> {
  await db.execute(sql`
    with single as (delete from ${settledEvents} returning stored, merged, dead_lettered)
    insert into ${settledEvents} (stored, merged, dead_lettered)
    select sum(stored), sum(merged), sum(dead_lettered) from single having count(*) > 0`);
}
