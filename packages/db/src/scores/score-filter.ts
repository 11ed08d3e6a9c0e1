import type { FilterCondition, ScoreDataType, ScoreSource } from "@xtrace/contract";
import { and, eq, exists, gte, isNotNull, lt, ne, sql, type Column, type SQL } from "drizzle-orm";
import { alias, QueryBuilder } from "drizzle-orm/pg-core";
import { SCORE_FILTER_COLUMNS } from "../filter/filter-columns.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import { observationIdCandidates } from "../observations/observation-id-candidates.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import type { TraceIds } from "../traces/few-trace-ids.ts";
import { isOnlyTime } from "../traces/trace-filter.ts";
import { traceIdCandidates } from "../traces/trace-id-candidates.ts";

type AnyOf = readonly string[] | undefined;

/** Which scores of a project. Lists match any of their entries; a key that is undefined asks nothing. */
export type ScoreFilter = {
  readonly projectId: string;
  readonly ids?: AnyOf;
  readonly names?: AnyOf;
  readonly sources?: readonly ScoreSource[] | undefined;
  readonly dataTypes?: readonly ScoreDataType[] | undefined;
  readonly environments?: AnyOf;
  readonly configIds?: AnyOf;
  readonly queueIds?: AnyOf;
  readonly authorUserIds?: AnyOf;
  /** In either spelling of a UUID. */
  readonly traceIds?: AnyOf;
  readonly observationIds?: AnyOf;
  readonly sessionIds?: AnyOf;
  readonly datasetRunIds?: AnyOf;
  readonly stringValues?: AnyOf;
  readonly values?: readonly number[] | undefined;
  /** All of them hold. A score without a number never matches. */
  readonly comparisons?: readonly ScoreComparison[] | undefined;
  /** Inclusive, Unix epoch microseconds. */
  readonly fromUs?: number | undefined;
  /** Exclusive, Unix epoch microseconds. */
  readonly toUs?: number | undefined;
  readonly conditions?: readonly FilterCondition[] | undefined;
  /** Only what Langfuse's v1 clients know: scores of a trace or a part of one, and no corrections. */
  readonly ofV1?: boolean | undefined;
  /** Of the judged trace. */
  readonly userId?: string | undefined;
  /** All of these are on the judged trace. */
  readonly traceTags?: AnyOf;
  /** On one of these traces, and on none if there are none. See `narrowByTraces`. */
  readonly inTraces?: TraceIds | undefined;
};

export const SCORE_OPERATORS = ["=", "!=", ">", ">=", "<", "<="] as const;
export type ScoreOperator = (typeof SCORE_OPERATORS)[number];
export type ScoreComparison = { readonly operator: ScoreOperator; readonly value: number };

/** Whether nothing narrows a project's scores but their time. */
export function isOnlyTimeOfScores({ projectId: _, ofV1, ...filter }: ScoreFilter): boolean {
  return ofV1 !== true && isOnlyTime(filter);
}

/** The condition that `filter` stands for, on the `scores` table. */
export function scoreCondition(filter: ScoreFilter): SQL | undefined {
  return and(
    eq(scores.projectId, filter.projectId),
    anyOf(scores.id, filter.ids),
    anyOf(scores.name, filter.names),
    anyOf(scores.source, filter.sources),
    anyOf(scores.dataType, filter.dataTypes),
    anyOf(sql`coalesce(${scores.environment}, 'default')`, filter.environments),
    anyOf(scores.configId, filter.configIds),
    anyOf(scores.queueId, filter.queueIds),
    anyOf(scores.authorUserId, filter.authorUserIds),
    anyOf(scores.traceId, filter.traceIds?.flatMap(traceIdCandidates)),
    anyOf(scores.observationId, filter.observationIds?.flatMap(observationIdCandidates)),
    anyOf(scores.sessionId, filter.sessionIds),
    anyOf(scores.datasetRunId, filter.datasetRunIds),
    anyOf(scores.stringValue, filter.stringValues),
    filter.values && sql`${scores.value} = any(${sql.param(filter.values)}::double precision[])`,
    ...(filter.comparisons ?? []).map(({ operator, value }) => sql`${scores.value} ${OPERATOR_SQL[operator]} ${value}`),
    filter.fromUs === undefined ? undefined : gte(scores.timestamp, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(scores.timestamp, filter.toUs),
    filter.ofV1 ? and(isNotNull(scores.traceId), ne(scores.dataType, "CORRECTION")) : undefined,
    filter.inTraces && anyOf(scores.traceId, filter.inTraces.ids),
    traceCondition(filter),
    filterConditions(SCORE_FILTER_COLUMNS, filter.conditions ?? []),
  );
}

const OPERATOR_SQL: Record<ScoreOperator, SQL> = {
  "=": sql`=`,
  "!=": sql`<>`,
  ">": sql`>`,
  ">=": sql`>=`,
  "<": sql`<`,
  "<=": sql`<=`,
};

/** One array parameter however many entries, for a statement carries at most 65,535 parameters. */
function anyOf(column: Column | SQL, values: AnyOf): SQL | undefined {
  return values && sql`${column} = any(${sql.param(values)}::text[])`;
}

/** A semi-join, so that it neither repeats scores nor loads the trace. */
function traceCondition({ userId, traceTags }: ScoreFilter): SQL | undefined {
  if (userId === undefined && traceTags === undefined) return undefined;
  const judged = alias(traces, "judged");
  return exists(
    new QueryBuilder()
      .select({ one: sql`1` })
      .from(judged)
      .where(
        and(
          eq(judged.projectId, scores.projectId),
          eq(judged.id, scores.traceId),
          userId === undefined ? undefined : eq(judged.userId, userId),
          traceTags && sql`${judged.tags} @> ${sql.param(traceTags)}::text[]`,
        ),
      ),
  );
}
