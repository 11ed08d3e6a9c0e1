import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";
import { traceColumns, traceHeadColumns, type TraceRow } from "./trace-columns.ts";
import { traceIdCandidates } from "./trace-id-candidates.ts";

/** By its id as stored, else by the other spelling of a UUID. Primary key look-ups. */
export async function getTrace(
  db: Database,
  query: { readonly projectId: string; readonly traceId: string; readonly withIo: boolean },
): Promise<TraceRow | undefined> {
  const { projectId, traceId, withIo } = query;
  const [row]: TraceRow[] = await db
    .select(withIo ? traceColumns : traceHeadColumns)
    .from(traces)
    .where(and(eq(traces.projectId, projectId), inArray(traces.id, traceIdCandidates(traceId))))
    .orderBy(desc(eq(traces.id, traceId)))
    .limit(1);
  return row;
}
