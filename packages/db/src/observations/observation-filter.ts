import type { FilterCondition, ObservationLevel, ObservationType } from "@xtrace/contract";
import { and, eq, gte, inArray, isNotNull, isNull, lt, or, type SQL } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { OBSERVATION_FILTER_COLUMNS } from "../filter/filter-columns.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { equals, inEnvironments } from "../traces/trace-filter.ts";
import { traceIdCandidates } from "../traces/trace-id-candidates.ts";
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
};

/** What an observation list and its count have in common. */
export function observationConditions(db: Database, projectId: string, filter: ObservationFilter): SQL | undefined {
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
    inTracesOf(db, projectId, filter),
    inEnvironments(observations.environment, filter.environments ?? []),
    filter.fromUs === undefined ? undefined : gte(observations.startTime, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(observations.startTime, filter.toUs),
    filterConditions(OBSERVATION_FILTER_COLUMNS, filter.conditions ?? []),
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
  return root ? isNull(observations.parentObservationId) : isNotNull(observations.parentObservationId);
}

function inTracesOf(db: Database, projectId: string, { userId, sessionId }: ObservationFilter): SQL | undefined {
  if (userId === undefined && sessionId === undefined) return undefined;
  const owned = db
    .select({ id: traces.id })
    .from(traces)
    .where(and(eq(traces.projectId, projectId), equals(traces.userId, userId), equals(traces.sessionId, sessionId)));
  return inArray(observations.traceId, owned);
}
