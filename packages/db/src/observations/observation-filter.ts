import type { FilterCondition, ObservationLevel, ObservationType } from "@xtrace/contract";
import { and, eq, gte, inArray, isNull, lt, not, or, sql, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { OBSERVATION_FILTER_COLUMNS, OBSERVATION_TRACE_COLUMNS } from "../filter/filter-columns.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import type { TraceIds } from "../traces/few-trace-ids.ts";
import { equals, inEnvironments } from "../traces/trace-filter.ts";
import { traceIdCandidates } from "../traces/trace-id-candidates.ts";
import { IS_ROOT_OBSERVATION } from "./is-root-observation.ts";
import { observationIdCandidates } from "./observation-id-candidates.ts";

/** Conditions that all hold; one that is absent or empty excludes nothing. */
export type ObservationFilter = {
  readonly name?: string | undefined;
  readonly type?: ObservationType | undefined;
  readonly level?: ObservationLevel | undefined;
  readonly version?: string | undefined;
  readonly model?: string | undefined;
  readonly traceId?: string | undefined;
  /** `null`: without a parent. */
  readonly parentObservationId?: string | null | undefined;
  /** Whether it has no parent. */
  readonly isRoot?: boolean | undefined;
  /** Of the observation's trace. */
  readonly userId?: string | undefined;
  /** Of the observation's trace. */
  readonly sessionId?: string | undefined;
  readonly environments?: readonly string[] | undefined;
  /** Starts at or after, Unix epoch microseconds. */
  readonly fromUs?: number | undefined;
  /** Starts before, Unix epoch microseconds. */
  readonly toUs?: number | undefined;
  readonly conditions?: readonly FilterCondition[] | undefined;
  /** In one of these, and in none if there are none. See `withFewTraces`. */
  readonly inTraces?: TraceIds | undefined;
};

/**
 * How an observation's trace is asked. `join` leaves the way to PostgreSQL, `look-up` has each observation that is
 * met look its trace up: for a walk in order that ends soon.
 */
export type AskTraces = "join" | "look-up";

/** What an observation list and its count have in common. */
export function observationConditions(
  db: Database,
  projectId: string,
  filter: ObservationFilter,
  ask: AskTraces = "join",
): SQL | undefined {
  return and(
    eq(observations.projectId, projectId),
    equals(observations.name, filter.name),
    equalsOrDefault(observations.type, filter.type, "SPAN"),
    equalsOrDefault(observations.level, filter.level, "DEFAULT"),
    equals(observations.version, filter.version),
    equals(observations.model, filter.model),
    filter.traceId === undefined ? undefined : inArray(observations.traceId, traceIdCandidates(filter.traceId)),
    hasParent(filter.parentObservationId),
    isRoot(filter.isRoot),
    filter.inTraces && sql`${observations.traceId} = any(${sql.param(filter.inTraces.ids)}::text[])`,
    inTracesThat(db, projectId, filter, ask),
    inEnvironments(observations.environment, filter.environments ?? []),
    filter.fromUs === undefined ? undefined : gte(observations.startTime, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(observations.startTime, filter.toUs),
    filterConditions(OBSERVATION_FILTER_COLUMNS, splitConditions(filter).ofObservations),
  );
}

/** A row that says nothing is read as `fallback`. */
function equalsOrDefault(column: PgColumn, value: string | undefined, fallback: string): SQL | undefined {
  if (value === undefined) return undefined;
  return value === fallback ? or(eq(column, value), isNull(column)) : eq(column, value);
}

function hasParent(parentId: string | null | undefined): SQL | undefined {
  if (parentId === undefined) return undefined;
  if (parentId === null) return isNull(observations.parentObservationId);
  return inArray(observations.parentObservationId, observationIdCandidates(parentId));
}

function isRoot(root: boolean | undefined): SQL | undefined {
  if (root === undefined) return undefined;
  return root ? IS_ROOT_OBSERVATION : not(IS_ROOT_OBSERVATION);
}

function inTracesThat(db: Database, projectId: string, filter: ObservationFilter, ask: AskTraces): SQL | undefined {
  const condition = traceConditionOf(projectId, filter);
  if (!condition) return undefined;
  if (ask === "join") {
    return inArray(observations.traceId, db.select({ id: traces.id }).from(traces).where(condition));
  }
  const own = eq(traces.id, observations.traceId);
  // OFFSET keeps PostgreSQL from making a join of it.
  return sql`exists (select from ${traces} where ${and(condition, own)} offset 0)`;
}

/** What is asked of the observations' traces; `undefined` for nothing. */
export function traceConditionOf(projectId: string, filter: ObservationFilter): SQL | undefined {
  const asked = and(
    equals(traces.userId, filter.userId),
    equals(traces.sessionId, filter.sessionId),
    filterConditions(OBSERVATION_TRACE_COLUMNS, splitConditions(filter).ofTraces),
  );
  return asked && and(eq(traces.projectId, projectId), asked);
}

/** The filter without what it asks of traces. */
export function withoutTraces(filter: ObservationFilter): ObservationFilter {
  const { userId: _, sessionId: __, ...rest } = filter;
  const { ofObservations } = splitConditions(filter);
  return { ...rest, conditions: ofObservations.length === 0 ? undefined : ofObservations };
}

function splitConditions({ conditions = [] }: ObservationFilter) {
  const isOfTrace = ({ column }: FilterCondition) => Object.hasOwn(OBSERVATION_TRACE_COLUMNS, column);
  return {
    ofTraces: conditions.filter(isOfTrace),
    ofObservations: conditions.filter((condition) => !isOfTrace(condition)),
  };
}
