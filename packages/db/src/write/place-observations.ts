import type { IngestJob, ObservationEvent } from "@xtrace/contract";
import { desc, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observations } from "../schema/observations.ts";

/** An observation whose trace is known: the sender named it, or the worker looked it up. */
export type PlacedObservation = ObservationEvent & { readonly traceId: string };

/** The traces of observations that were sent without one. */
export type Places = ReadonlyMap<string, string>;

const NO_PLACES: Places = new Map();

/**
 * Finds the trace of observations that were sent without one: what the same batch says, else what is
 * stored under the same id, else a trace of the observation's own id.
 *
 * Reads the primary key, and only for such observations: all real clients name the trace.
 */
export async function findPlaces(tx: Database, jobs: readonly IngestJob[]): Promise<Places> {
  const homeless: Array<{ projectId: string; id: string }> = [];
  for (const { projectId, events } of jobs) {
    for (const { traceId, id } of events.observations) if (traceId === null) homeless.push({ projectId, id });
  }
  return homeless.length === 0 ? NO_PLACES : await knownTraces(tx, jobs, homeless);
}

export function placed(places: Places, projectId: string, event: ObservationEvent): PlacedObservation {
  return isPlaced(event) ? event : { ...event, traceId: places.get(keyOf(projectId, event.id)) ?? event.id };
}

function isPlaced(event: ObservationEvent): event is PlacedObservation {
  return event.traceId !== null;
}

async function knownTraces(
  tx: Database,
  jobs: readonly IngestJob[],
  homeless: ReadonlyArray<{ projectId: string; id: string }>,
): Promise<Places> {
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
