import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import { observationColumns, type ObservationRow } from "./observation-columns.ts";
import { observationIdCandidates } from "./observation-id-candidates.ts";

/**
 * By its id as stored, else by another spelling of it; the newest where several traces use one id.
 * Scan of the primary key.
 */
export async function getObservation(
  db: Database,
  query: { readonly projectId: string; readonly observationId: string },
): Promise<ObservationRow | undefined> {
  const { projectId, observationId } = query;
  const [row] = await db
    .select(observationColumns)
    .from(observations)
    .where(and(eq(observations.projectId, projectId), inArray(observations.id, observationIdCandidates(observationId))))
    .orderBy(desc(eq(observations.id, observationId)), desc(observations.startTime))
    .limit(1);
  return row;
}
