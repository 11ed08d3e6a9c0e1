import { and, between, eq, inArray, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { dailyUsage, facetUsage, hourlyCounts, type Facet } from "../schema/usage.ts";
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
  if (isUnfiltered(filter.traces)) return rollups(filter);
  const facet = soleFacet(filter.traces);
  return facet ? facetRollup(filter, facet) : filteredTraces(filter);
}

/** Values of which a trace has at most one, so that their sums add up. */
type FacetValues = { readonly facet: Facet; readonly values: readonly string[] };

/** What the filter asks for, if that is one facet and nothing else. */
function soleFacet(filter: UsageFilter["traces"]): FacetValues | undefined {
  const { environments = [], name, release, version, ...others } = filter;
  if (!isUnfiltered(others)) return undefined;
  const all: FacetValues[] = [
    { facet: "environment", values: [...environments] },
    { facet: "name", values: name === undefined ? [] : [name] },
    { facet: "release", values: release === undefined ? [] : [release] },
    { facet: "version", values: version === undefined ? [] : [version] },
  ];
  const asked = all.filter(({ values }) => values.length > 0);
  return asked.length === 1 ? asked[0] : undefined;
}

/** A range of the primary key for each value. */
function facetRollup({ projectId, fromDay, toDay }: UsageFilter, { facet, values }: FacetValues): UsageSource {
  const matches = and(
    eq(facetUsage.projectId, projectId),
    eq(facetUsage.facet, facet),
    inArray(facetUsage.value, [...values]),
    between(facetUsage.day, fromDay, toDay),
  );
  return {
    tracesByDay: sql`
      select day, sum(trace_count) as trace_count from ${facetUsage}
      where ${matches} and type = '' and trace_count > 0 group by day`,
    usageByDay: sql`
      select day, type, model, sum(trace_count) as trace_count, sum(observation_count) as observation_count,
        sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens,
        sum(total_tokens) as total_tokens, sum(total_cost) as total_cost from ${facetUsage}
      where ${matches} and type <> '' and observation_count > 0 group by day, type, model`,
  };
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
 * Reads the matching traces, by whichever of their indexes serves the filter, with what they used in the days.
 * A trace has one entry in each group, so counting entries counts traces.
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
      select (entry->>0)::date as day, entry->>1 as type, entry->>2 as model, count(*) as trace_count,
        sum((entry->>3)::integer) as observation_count,
        sum((entry->>4)::bigint) as prompt_tokens,
        sum((entry->>5)::bigint) as completion_tokens,
        sum((entry->>6)::bigint) as total_tokens,
        sum((entry->>7)::numeric) as total_cost
      from ${traces}, jsonb_array_elements(${traces.usageByDay}) as used (entry)
      where ${matches} and ${usedDuring(filter)} and entry->>0 between ${fromDay} and ${toDay}
      group by 1, 2, 3`,
  };
}

/** Every observation of a trace starts between these bounds, so what a trace outside the days used need not be looked up. */
function usedDuring({ fromDay, toDay }: DayRange): SQL {
  return sql`${traces.lastEndTime} >= ${startOfDay(fromDay)} and ${traces.firstStartTime} < ${endOfDay(toDay)}`;
}

const UTC_DAY = sql`(${traces.timestamp} at time zone 'UTC')::date`;

function duringDays(time: PgColumn, { fromDay, toDay }: DayRange): SQL {
  return sql`${time} >= ${startOfDay(fromDay)} and ${time} < ${endOfDay(toDay)}`;
}

function startOfDay(day: string): SQL {
  return sql`(${day}::date::timestamp at time zone 'UTC')`;
}

function endOfDay(day: string): SQL {
  return sql`((${day}::date + 1)::timestamp at time zone 'UTC')`;
}
