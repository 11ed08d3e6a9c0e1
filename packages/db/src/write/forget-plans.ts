import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";

/**
 * A session keeps the plan of a foreign key check for as long as nobody analyzes the table, and one made
 * for a small table is a scan of the project. Costs a round trip and two plans a batch; nothing else here
 * has a plan to lose. What makes the next plan a good one: analyze-grown-tables.ts.
 */
export async function forgetPlans(tx: Database): Promise<void> {
  await tx.execute(sql`discard plans`);
}
