import { and, count, eq, inArray, max, min, sql, sum } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";

/** Sums over all traces of a session. */
export type SessionSummary = {
  readonly id: string;
  readonly traceCount: number;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
  /** In no order, at most `maxUsers`. */
  readonly userIds: readonly string[];
  /** US dollars, exact, as decimal text. */
  readonly totalCost: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
};

/** Sums of the named sessions, in no order; one that has no trace is missing. Scan of `traces_project_session_idx` for each. */
export async function summarizeSessions(
  db: Database,
  query: { readonly projectId: string; readonly sessionIds: readonly string[]; readonly maxUsers: number },
): Promise<SessionSummary[]> {
  const { projectId, sessionIds, maxUsers } = query;
  if (sessionIds.length === 0) return [];
  const users = sql<
    string[] | null
  >`(array_agg(distinct ${traces.userId}) filter (where ${traces.userId} is not null))[1:${maxUsers}::int]`;
  const rows = await db
    .select({
      id: sql<string>`${traces.sessionId}`,
      traceCount: count(),
      firstTimestamp: min(traces.timestamp),
      lastTimestamp: max(traces.timestamp),
      userIds: users,
      totalCost: sum(traces.totalCost),
      promptTokens: sum(traces.promptTokens).mapWith(Number),
      completionTokens: sum(traces.completionTokens).mapWith(Number),
      totalTokens: sum(traces.totalTokens).mapWith(Number),
    })
    .from(traces)
    .where(and(eq(traces.projectId, projectId), inArray(traces.sessionId, [...sessionIds])))
    .groupBy(traces.sessionId);
  return rows.map((row) => ({
    ...row,
    firstTimestamp: row.firstTimestamp ?? 0,
    lastTimestamp: row.lastTimestamp ?? 0,
    userIds: row.userIds ?? [],
    totalCost: row.totalCost ?? "0",
    promptTokens: row.promptTokens ?? 0,
    completionTokens: row.completionTokens ?? 0,
    totalTokens: row.totalTokens ?? 0,
  }));
}
