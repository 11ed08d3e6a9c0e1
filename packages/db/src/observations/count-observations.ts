import type { RowCount } from "@xtrace/contract";
import { count, eq, sql, sum } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { dailyUsage } from "../schema/usage.ts";
import { isUnfiltered } from "../traces/trace-filter.ts";
import { observationConditions, type ObservationFilter } from "./observation-filter.ts";

/** How many observations of a project match: exactly without a filter, from the daily sums, else up to `bound`. */
export async function countObservations(
  db: Database,
  query: { readonly projectId: string; readonly filter: ObservationFilter; readonly bound: number },
): Promise<RowCount> {
  const { projectId, filter, bound } = query;
  if (isUnfiltered(filter)) return { count: await countAll(db, projectId), exact: true };
  const matches = db
    .select({ one: sql`1`.as("one") })
    .from(observations)
    .where(observationConditions(db, projectId, filter))
    .limit(bound + 1)
    .as("matches");
  const [row] = await db.select({ count: count() }).from(matches);
  const found = row?.count ?? 0;
  return { count: Math.min(found, bound), exact: found <= bound };
}

async function countAll(db: Database, projectId: string): Promise<number> {
  const [row] = await db
    .select({ count: sum(dailyUsage.observationCount).mapWith(Number) })
    .from(dailyUsage)
    .where(eq(dailyUsage.projectId, projectId));
  return row?.count ?? 0;
}
