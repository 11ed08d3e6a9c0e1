import type { RowCount } from "@xtrace/contract";
import { and, eq, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { countUpTo, ONE, upTo } from "../count-up-to.ts";
import { countInRange } from "../counts/hourly-counts.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage } from "../schema/usage.ts";
import { equals, isOnlyTime, isUnfiltered } from "../traces/trace-filter.ts";
import {
  observationConditions,
  traceConditionOf,
  withoutTraces,
  type ObservationFilter,
} from "./observation-filter.ts";

/**
 * How many observations of a project match: exactly by nothing but time, or by nothing but type and model, from the
 * rollups, else up to `bound`. Where only traces narrow them, from what the writer counted on each trace.
 */
export async function countObservations(
  db: Database,
  query: { readonly projectId: string; readonly filter: ObservationFilter; readonly bound: number },
): Promise<RowCount> {
  const { projectId, filter, bound } = query;
  if (isOnlyTime(filter)) {
    return { count: await countInRange(db, { projectId, of: "observations", range: filter }), exact: true };
  }
  const { type, model, inTraces, ...others } = filter;
  if (isUnfiltered(others)) {
    if (!inTraces && model !== "") return { count: await countUsed(db, { projectId, type, model }), exact: true };
    if (inTraces && type === undefined && model === undefined) return upTo(bound, inTraces.observationCount);
  }
  const ofTraces = traceConditionOf(projectId, filter);
  if (ofTraces && isUnfiltered(withoutTraces(filter))) return await countOfTraces(db, ofTraces, bound);
  const matches = db
    .select(ONE)
    .from(observations)
    .where(observationConditions(db, projectId, filter))
    .$dynamic();
  return await countUpTo(db, matches, bound);
}

/** By the daily rollup, in which a row without a type is a SPAN too. An empty model is there what a missing one is. */
async function countUsed(
  db: Database,
  { projectId, type, model }: Pick<ObservationFilter, "type" | "model"> & { readonly projectId: string },
): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`coalesce(sum(${dailyUsage.observationCount}), 0)`.mapWith(Number) })
    .from(dailyUsage)
    .where(and(eq(dailyUsage.projectId, projectId), equals(dailyUsage.type, type), equals(dailyUsage.model, model)));
  return row?.count ?? 0;
}

/** Traces without observations are read too, so that the sum over so many may stay below the bound. */
async function countOfTraces(db: Database, condition: SQL, bound: number): Promise<RowCount> {
  const some = db
    .select({ count: traces.observationCount })
    .from(traces)
    .where(condition)
    .limit(bound + 1)
    .as("some");
  const [row] = await db
    .select({
      traceCount: sql<number>`count(*)`.mapWith(Number),
      count: sql<number>`coalesce(sum(${some.count}), 0)`.mapWith(Number),
    })
    .from(some);
  const { traceCount, count } = row ?? { traceCount: 0, count: 0 };
  return { count: Math.min(count, bound), exact: count <= bound && traceCount <= bound };
}
