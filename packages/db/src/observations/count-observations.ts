import type { RowCount } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { countUpTo, ONE } from "../count-up-to.ts";
import { countInRange } from "../counts/hourly-counts.ts";
import { observations } from "../schema/observations.ts";
import { isOnlyTime } from "../traces/trace-filter.ts";
import { observationConditions, type ObservationFilter } from "./observation-filter.ts";

/** How many observations of a project match: exactly without a filter but time, from the hourly counts, else up to `bound`. */
export async function countObservations(
  db: Database,
  query: { readonly projectId: string; readonly filter: ObservationFilter; readonly bound: number },
): Promise<RowCount> {
  const { projectId, filter, bound } = query;
  if (isOnlyTime(filter)) {
    return { count: await countInRange(db, { projectId, of: "observations", range: filter }), exact: true };
  }
  const matches = db
    .select(ONE)
    .from(observations)
    .where(observationConditions(db, projectId, filter))
    .$dynamic();
  return await countUpTo(db, matches, bound);
}
