import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";

/** What a batch does about the plans that its connection has made before. */
export type PlanPolicy = "keep" | "forget";

/**
 * A session keeps a plan for as long as nobody analyzes its tables, and the check of a foreign key that was planned for a
 * small table is a scan of the project. Costs a round trip and every plan of the batch, so only until `havePlansSettled`.
 */
export async function forgetPlans(tx: Database): Promise<void> {
  await tx.execute(sql`discard plans`);
}

/** Rows of sixty pages: to find one of them by its key is cheaper than any scan, in every plan that is made from now on. */
const SETTLED_ROWS = 1_000;

/**
 * Whether statistics show so many traces that a plan made now stays a good one. They do once somebody has analyzed that
 * many, and that took the plans away which any session had made before.
 */
export async function havePlansSettled(db: Database): Promise<boolean> {
  const [traces] = await db.execute<{ rows: number }>(sql`
    select reltuples as rows from pg_class where oid = 'traces'::regclass`);
  return (traces?.rows ?? 0) >= SETTLED_ROWS;
}
