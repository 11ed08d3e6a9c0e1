import { and, eq, gte, isNotNull, lt, sql, type SQL } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";
import { inEnvironments } from "../traces/trace-filter.ts";

/** Conditions on a session's beginning that all hold. */
export type SessionFilter = {
  /** Begins at or after, Unix epoch microseconds. */
  readonly fromUs?: number | undefined;
  /** Begins before, Unix epoch microseconds. */
  readonly toUs?: number | undefined;
  readonly environments?: readonly string[] | undefined;
};

/**
 * Holds for the first trace of each session: the earliest timestamp, then the smallest id.
 *
 * A look-up in `traces_project_session_idx` decides it trace by trace, so that a page of sessions
 * costs a scan over the newest traces and never a GROUP BY over all of them.
 */
export function sessionStartConditions(db: Database, projectId: string, filter: SessionFilter): SQL | undefined {
  const sibling = alias(traces, "sibling");
  const firstId = db
    .select({ id: sibling.id })
    .from(sibling)
    .where(and(eq(sibling.projectId, projectId), eq(sibling.sessionId, traces.sessionId)))
    .orderBy(sibling.timestamp, sibling.id)
    .limit(1);
  return and(
    eq(traces.projectId, projectId),
    isNotNull(traces.sessionId),
    filter.fromUs === undefined ? undefined : gte(traces.timestamp, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(traces.timestamp, filter.toUs),
    inEnvironments(traces.environment, filter.environments ?? []),
    sql`${traces.id} = (${firstId})`,
  );
}
