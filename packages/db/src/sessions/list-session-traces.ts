import { and, desc, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";
import { traceColumns, traceHeadColumns, type TraceRow } from "../traces/trace-columns.ts";

/** The newest `limit` traces of a session, oldest first. Backward scan of `traces_project_session_idx`. */
export async function listSessionTraces(
  db: Database,
  query: { readonly projectId: string; readonly sessionId: string; readonly limit: number; readonly withIo: boolean },
): Promise<TraceRow[]> {
  const { projectId, sessionId, limit, withIo } = query;
  const rows: TraceRow[] = await db
    .select(withIo ? traceColumns : traceHeadColumns)
    .from(traces)
    .where(and(eq(traces.projectId, projectId), eq(traces.sessionId, sessionId)))
    .orderBy(desc(traces.timestamp), desc(traces.id))
    .limit(limit);
  return rows.toReversed();
}
