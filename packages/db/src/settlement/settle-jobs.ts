import { eventsOfJobId } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { settledEvents, settledJobs } from "../schema/settlement.ts";

/** Events, each in one of three: it made a row, it went into a row that was there or made by another, or it was refused. */
export type SettledCounts = { readonly stored: number; readonly merged: number; readonly deadLettered: number };

/** Jobs of the batch were settled by an earlier delivery. The batch as a whole is to be written without them. */
export class AlreadySettledError extends Error {
  override readonly name = "AlreadySettledError";
  readonly ids: ReadonlySet<string>;

  constructor(ids: ReadonlySet<string>) {
    super(`${ids.size} jobs were settled before`);
    this.ids = ids;
  }
}

/** Whether the queue counted the job's events when it took it. Jobs of gateways before that are settled by nobody. */
export function isCounted(jobId: string): boolean {
  return eventsOfJobId(jobId) !== undefined;
}

/**
 * Notes what became of the jobs of a batch, each of which is in `ids` once. The last statement of its transaction:
 * it alone may have to wait for another worker that has the same job, and until then both hold nothing that others
 * need longer.
 */
export async function settleJobs(tx: Database, ids: readonly string[], counts: SettledCounts): Promise<void> {
  if (ids.length === 0) return;
  const { stored, merged, deadLettered } = counts;
  const fresh = await tx.execute<{ id: string }>(sql`
    with fresh as (
      insert into ${settledJobs} (id)
      select id from json_array_elements_text(${JSON.stringify(ids)}::text::json) as given(id) order by id collate "C"
      on conflict do nothing
      returning id
    ), counted as (
      insert into ${settledEvents} (stored, merged, dead_lettered)
      values (${stored}::bigint, ${merged}::bigint, ${deadLettered}::bigint)
    )
    select id from fresh`);
  if (fresh.length === ids.length) return;
  const known = new Set(fresh.map(({ id }) => id));
  throw new AlreadySettledError(new Set(ids.filter((id) => !known.has(id))));
}
