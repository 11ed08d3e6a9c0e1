import { and, desc, eq, isNotNull, lt, sql, type SQL } from "drizzle-orm";
import type { Database } from "../client.ts";
import { readTimestamp } from "../schema/read-timestamp.ts";
import { traces } from "../schema/traces.ts";
import { isOnlyTime } from "../traces/trace-filter.ts";
import { traceConditionOf, withoutTraces, type ObservationFilter } from "./observation-filter.ts";

/** Pages that end further down are found without a bound. */
const DEEPEST_ROW = 2_000;

/**
 * The filter with a later `fromUs`, such that the newest `rows` matches are still in it; itself where nothing is known.
 *
 * For filters that ask of traces and nothing else of observations. No observation of a trace starts before the trace's
 * first, so once traces hold `rows` observations, these start no earlier than the earliest of the traces. Any
 * traces will do; the newest make the range short. What lies before it need be neither joined nor sorted.
 */
export async function withinBound(
  db: Database,
  query: { readonly projectId: string; readonly filter: ObservationFilter; readonly rows: number },
): Promise<ObservationFilter> {
  const { projectId, filter, rows } = query;
  const { inTraces: _, ...rest } = filter;
  const condition = conditionOf(projectId, filter);
  if (!condition || !isOnlyTime(withoutTraces(rest)) || rows > DEEPEST_ROW) return filter;
  const newest = db
    .select({ first: traces.firstStartTime, count: traces.observationCount })
    .from(traces)
    .where(
      and(
        condition,
        isNotNull(traces.firstStartTime),
        // Of a cursor's own instant, the last one in the range, some may be behind already.
        filter.toUs === undefined ? undefined : lt(traces.lastEndTime, filter.toUs - 1),
      ),
    )
    .orderBy(desc(traces.timestamp))
    .limit(rows);
  const [bound] = await db.execute<{ first: string }>(sql`
    select first_start_time as first from (
      select first_start_time, sum(observation_count) over (order by first_start_time desc) as held from (${newest}) newest
    ) summed where held >= ${rows} order by first_start_time desc limit 1`);
  return bound ? { ...filter, fromUs: Math.max(filter.fromUs ?? -Infinity, readTimestamp(bound.first)) } : filter;
}

function conditionOf(projectId: string, filter: ObservationFilter): SQL | undefined {
  const { inTraces } = filter;
  if (!inTraces) return traceConditionOf(projectId, filter);
  return and(eq(traces.projectId, projectId), sql`${traces.id} = any(${sql.param(inTraces.ids)}::text[])`);
}
