import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { acceptedEvents, settledEvents, settledJobs } from "../schema/settlement.ts";
import type { SettledCounts } from "./settle-jobs.ts";

/** Of all jobs that were ever settled. */
export async function readSettledCounts(db: Database): Promise<SettledCounts> {
  const [row] = await db
    .select({
      stored: sql<string>`coalesce(sum(${settledEvents.stored}), 0)`,
      merged: sql<string>`coalesce(sum(${settledEvents.merged}), 0)`,
      deadLettered: sql<string>`coalesce(sum(${settledEvents.deadLettered}), 0)`,
    })
    .from(settledEvents);
  return { stored: Number(row?.stored), merged: Number(row?.merged), deadLettered: Number(row?.deadLettered) };
}

/** Those of `ids` that are settled. */
export async function listSettledJobs(db: Database, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: settledJobs.id })
    .from(settledJobs)
    .where(sql`${settledJobs.id} in (select json_array_elements_text(${JSON.stringify(ids)}::text::json))`);
  return rows.map(({ id }) => id);
}

/** The highest that each count of the queue was ever seen at, by its name. */
export async function readAcceptedCounts(db: Database): Promise<Map<string, number>> {
  const rows = await db.select().from(acceptedEvents);
  return new Map(rows.map(({ counter, events }) => [counter, events]));
}

/** Keeps what a count of the queue was seen at, unless it was seen higher. */
export async function recordAccepted(db: Database, seen: { counter: string; events: number }): Promise<void> {
  if (seen.events === 0) return;
  await db
    .insert(acceptedEvents)
    .values(seen)
    .onConflictDoUpdate({
      target: acceptedEvents.counter,
      set: { events: sql`greatest(${acceptedEvents.events}, excluded.events)` },
      setWhere: sql`excluded.events > ${acceptedEvents.events}`,
    });
}
