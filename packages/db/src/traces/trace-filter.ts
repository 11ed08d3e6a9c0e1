import type { FilterCondition } from "@xtrace/contract";
import { and, arrayContains, eq, gte, inArray, lt, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { TRACE_FILTER_COLUMNS } from "../filter/filter-columns.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { traces } from "../schema/traces.ts";
import { unindexed } from "../unindexed.ts";

/** Conditions that all hold; one that is absent or empty excludes nothing. */
export type TraceFilter = {
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly version?: string | undefined;
  readonly release?: string | undefined;
  /** The trace has all of them. */
  readonly tags?: readonly string[] | undefined;
  /** Whether to look at each trace for its tags, instead of in their index. See `withTagsOfFew`. */
  readonly tagsByTrace?: true | undefined;
  /** The trace is in one of them. */
  readonly environments?: readonly string[] | undefined;
  /** At or after, Unix epoch microseconds. */
  readonly fromUs?: number | undefined;
  /** Before, Unix epoch microseconds. */
  readonly toUs?: number | undefined;
  readonly conditions?: readonly FilterCondition[] | undefined;
};

export function isUnfiltered(filter: object): boolean {
  return Object.values(filter).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));
}

/** Whether nothing narrows the rows but their time. */
export function isOnlyTime(filter: {
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
}): boolean {
  return isUnfiltered({ ...filter, fromUs: undefined, toUs: undefined });
}

/** What a trace list and its count have in common. */
export function traceConditions(projectId: string, filter: TraceFilter): SQL | undefined {
  const { tags = [], tagsByTrace, environments = [] } = filter;
  return and(
    eq(traces.projectId, projectId),
    equals(traces.userId, filter.userId),
    equals(traces.name, filter.name),
    equals(traces.sessionId, filter.sessionId),
    equals(traces.version, filter.version),
    equals(traces.release, filter.release),
    tags.length === 0 ? undefined : hasTags(tags, tagsByTrace),
    inEnvironments(traces.environment, environments),
    filter.fromUs === undefined ? undefined : gte(traces.timestamp, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(traces.timestamp, filter.toUs),
    filterConditions(TRACE_FILTER_COLUMNS, filter.conditions ?? []),
  );
}

function hasTags(tags: readonly string[], byTrace = false): SQL {
  return byTrace ? sql`${unindexed(traces.tags)} @> ${sql.param(tags)}::text[]` : arrayContains(traces.tags, [...tags]);
}

export function equals(column: PgColumn, value: string | undefined): SQL | undefined {
  return value === undefined ? undefined : eq(column, value);
}

/** What names no environment is in "default". Written as the index has it. */
export function inEnvironments(column: PgColumn, environments: readonly string[]): SQL | undefined {
  return environments.length === 0 ? undefined : inArray(sql`coalesce(${column}, 'default')`, [...environments]);
}
