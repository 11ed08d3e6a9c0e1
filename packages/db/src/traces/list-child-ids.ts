import { and, eq, inArray, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";

type Child = { table: PgTable; projectId: PgColumn; traceId: PgColumn; id: PgColumn; time: PgColumn };

const CHILDREN = {
  /** Scanned through `observations_project_trace_idx`. */
  observations: { ...pick(observations), table: observations, time: observations.startTime },
  /** On the trace and on its observations. Scanned through `scores_project_trace_idx`. */
  scores: { ...pick(scores), table: scores, time: scores.timestamp },
} as const satisfies Record<string, Child>;

/**
 * Ids of what belongs to some traces, oldest first, by trace id; a trace without any has no entry.
 *
 * At most `perTrace` of one trace, the first ones: a single trace may have a hundred thousand.
 */
export async function listChildIds(
  db: Database,
  query: {
    readonly projectId: string;
    readonly of: keyof typeof CHILDREN;
    readonly traceIds: readonly string[];
    readonly perTrace: number;
  },
): Promise<ReadonlyMap<string, string[]>> {
  const { projectId, traceIds, perTrace } = query;
  if (traceIds.length === 0) return new Map();
  const child: Child = CHILDREN[query.of];
  const ids = db
    .select({ id: sql<string>`${child.id}`.as("child_id") })
    .from(child.table)
    .where(and(eq(child.projectId, projectId), eq(child.traceId, traces.id)))
    .orderBy(child.time, child.id)
    .limit(perTrace)
    .as("ids");
  const rows = await db
    .select({ traceId: traces.id, id: ids.id })
    .from(traces)
    .crossJoinLateral(ids)
    .where(and(eq(traces.projectId, projectId), inArray(traces.id, [...traceIds])));
  return groupByTrace(rows);
}

function pick(table: typeof observations | typeof scores) {
  return { projectId: table.projectId, traceId: table.traceId, id: table.id };
}

function groupByTrace(rows: ReadonlyArray<{ traceId: string; id: string }>): Map<string, string[]> {
  const byTrace = new Map<string, string[]>();
  for (const { traceId, id } of rows) {
    const ids = byTrace.get(traceId);
    if (ids) ids.push(id);
    else byTrace.set(traceId, [id]);
  }
  return byTrace;
}
