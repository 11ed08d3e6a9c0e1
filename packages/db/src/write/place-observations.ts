import type { IngestJob, ObservationEvent } from "@xtrace/contract";
import { desc, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";
import type { PlacedObservation } from "./group-events.ts";

type Place = (projectId: string, event: ObservationEvent) => PlacedObservation;

/**
 * Finds the trace of observations that were sent without one: what the same batch says, else what is
 * stored under the same id, else a trace of the observation's own id.
 *
 * Reads the primary key, and only for such observations: all real clients name the trace.
 */
export async function placeObservations(tx: Database, jobs: readonly IngestJob[]): Promise<Place> {
  const homeless = jobs.flatMap(({ projectId, events }) =>
    events.observations.filter((event) => event.traceId === null).map(({ id }) => ({ projectId, id })),
  );
  const known = homeless.length === 0 ? new Map<string, string>() : await knownTraces(tx, jobs, homeless);
  return (projectId, event) =>
    isPlaced(event) ? event : { ...event, traceId: known.get(keyOf(projectId, event.id)) ?? event.id };
}

function isPlaced(event: ObservationEvent): event is PlacedObservation {
  return event.traceId !== null;
}

async function knownTraces(
  tx: Database,
  jobs: readonly IngestJob[],
  homeless: ReadonlyArray<{ projectId: string; id: string }>,
): Promise<Map<string, string>> {
  const rows = JSON.stringify(homeless.map(({ projectId, id }) => ({ project_id: projectId, id })));
  const stored = await tx
    .select({ projectId: observations.projectId, id: observations.id, traceId: observations.traceId })
    .from(observations)
    .where(
      sql`(${observations.projectId}, ${observations.id}) in (
        select r.project_id, r.id from json_to_recordset(${rows}::text::json) as r(project_id text, id text))`,
    )
    // The last entry of a map wins: of several traces with the id, the same one every time.
    .orderBy(desc(observations.traceId));
  const known = new Map(stored.map(({ projectId, id, traceId }) => [keyOf(projectId, id), traceId]));
  for (const { projectId, events } of jobs) {
    for (const { id, traceId } of events.observations) if (traceId !== null) known.set(keyOf(projectId, id), traceId);
  }
  return known;
}

function keyOf(projectId: string, id: string): string {
  return `${projectId}\u0000${id}`;
}
