import type { RowCount } from "@xtrace/contract";
import { eq, sum } from "drizzle-orm";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
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
    .select(ONE)
    .from(observations)
    .where(observationConditions(db, projectId, filter))
    .$dynamic();
  return await countUpTo(db, matches, bound);
}

async function countAll(db: Database, projectId: string): Promise<number> {
  const [row] = await db
    .select({ count: sum(dailyUsage.observationCount).mapWith(Number) })
    .from(dailyUsage)
    .where(eq(dailyUsage.projectId, projectId));
  return row?.count ?? 0;
}
