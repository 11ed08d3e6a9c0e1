import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { observationColumns, type ObservationRow } from "./observation-columns.ts";

/** The first `limit` observations of a trace, by start time and id. Scan of `observations_project_trace_idx`. */
export async function listTraceObservations(
  db: Database,
  query: { readonly projectId: string; readonly traceId: string; readonly limit: number },
): Promise<ObservationRow[]> {
  const { projectId, traceId, limit } = query;
  return await db
    .select(observationColumns)
    .from(observations)
    .where(and(eq(observations.projectId, projectId), eq(observations.traceId, traceId)))
    .orderBy(observations.startTime, observations.id)
    .limit(limit);
}
