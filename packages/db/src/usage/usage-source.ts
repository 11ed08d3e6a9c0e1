import { and, between, eq, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { dailyUsage, hourlyCounts, traceUsage } from "../schema/usage.ts";
import { traces } from "../schema/traces.ts";
import { isUnfiltered, traceConditions, type TraceFilter } from "../traces/trace-filter.ts";

/** UTC days, both inclusive, `YYYY-MM-DD`. */
export type DayRange = { readonly fromDay: string; readonly toDay: string };

export type UsageFilter = DayRange & {
  readonly projectId: string;
  /** Of the traces that count; without any field the rollups of the whole project answer. */
  readonly traces: Omit<TraceFilter, "fromUs" | "toUs">;
};

/**
 * Two queries with the same columns, whatever they are read from.
 *
 * - `tracesByDay`: day, trace_count; by the traces' timestamps.
 * - `usageByDay`: day, type, model, trace_count and the sums; by the observations' starts.
 */
export type UsageSource = { readonly tracesByDay: SQL; readonly usageByDay: SQL };

export function usageSource(filter: UsageFilter): UsageSource {
  return isUnfiltered(filter.traces) ? rollups(filter) : filteredTraces(filter);
}

/** Both are ranges of a primary key: a few rows a day. */
function rollups({ projectId, fromDay, toDay }: UsageFilter): UsageSource {
  return {
    tracesByDay: sql`
      select (${hourlyCounts.hour} at time zone 'UTC')::date as day, sum(${hourlyCounts.traceCount}) as trace_count
      from ${hourlyCounts}
      where ${hourlyCounts.projectId} = ${projectId} and ${duringDays(hourlyCounts.hour, { fromDay, toDay })}
        and ${hourlyCounts.traceCount} > 0
      group by 1`,
    usageByDay: sql`
      select day, type, model, trace_count, observation_count, prompt_tokens, completion_tokens, total_tokens, total_cost
      from ${dailyUsage}
      where ${and(eq(dailyUsage.projectId, projectId), between(dailyUsage.day, fromDay, toDay))} and observation_count > 0`,
  };
}

/**
 * Reads the matching traces, by whichever of their indexes serves the filter, and joins what they used.
 * `trace_usage` has one row a trace in each group, so counting rows counts traces.
 */
function filteredTraces(filter: UsageFilter): UsageSource {
  const { projectId, fromDay, toDay } = filter;
  const matches = traceConditions(projectId, filter.traces);
  return {
    tracesByDay: sql`
      select ${UTC_DAY} as day, count(*) as trace_count from ${traces}
      where ${matches}
        and ${duringDays(traces.timestamp, { fromDay, toDay })}
      group by 1`,
    usageByDay: sql`
      select ${traceUsage.day}, ${traceUsage.type}, ${traceUsage.model}, count(*) as trace_count,
        sum(${traceUsage.observationCount}) as observation_count,
        sum(${traceUsage.promptTokens}) as prompt_tokens,
        sum(${traceUsage.completionTokens}) as completion_tokens,
        sum(${traceUsage.totalTokens}) as total_tokens,
        sum(${traceUsage.totalCost}) as total_cost
      from ${traceUsage}
      join ${traces} on ${traces.projectId} = ${traceUsage.projectId} and ${traces.id} = ${traceUsage.traceId}
      where ${matches} and ${traceUsage.projectId} = ${projectId}
        and ${between(traceUsage.day, fromDay, toDay)} and ${traceUsage.observationCount} > 0
      group by 1, 2, 3`,
  };
}

const UTC_DAY = sql`(${traces.timestamp} at time zone 'UTC')::date`;

function duringDays(time: PgColumn, { fromDay, toDay }: DayRange): SQL {
  return sql`${time} >= ${fromDay}::date::timestamp at time zone 'UTC'
    and ${time} < (${toDay}::date + 1)::timestamp at time zone 'UTC'`;
}
