import { stampOf, timeOfStamp, type IngestJob, type ObservationEvent } from "@xtrace/contract";
import type { StampedEvent } from "../merge/merge-row.ts";
import type { EventGroup } from "./upsert-merged.ts";

/** The events of a batch by row, in the order of the tables that they are written to. */
export type GroupedEvents = {
  readonly traces: readonly EventGroup[];
  readonly observations: readonly EventGroup[];
  readonly scores: readonly EventGroup[];
};

/** An observation whose trace is known: the sender named it, or the worker looked it up. */
export type PlacedObservation = ObservationEvent & { readonly traceId: string };

export function groupEvents(
  jobs: readonly IngestJob[],
  placeObservation: (projectId: string, event: ObservationEvent) => PlacedObservation,
): GroupedEvents {
  const traces = new Map<string, EventGroup>();
  const observations = new Map<string, EventGroup>();
  const scores = new Map<string, EventGroup>();
  for (const { projectId, events } of jobs) {
    for (const event of events.traces) add(traces, { projectId, id: event.id }, event);
    for (const event of events.observations) {
      const placed = placeObservation(projectId, event);
      add(observations, { projectId, id: placed.id, traceId: placed.traceId }, placed);
      add(traces, { projectId, id: placed.traceId }, placeholderTrace(placed));
    }
    for (const event of events.scores) add(scores, { projectId, id: event.id }, event);
  }
  return { traces: [...traces.values()], observations: [...observations.values()], scores: [...scores.values()] };
}

function add(groups: Map<string, EventGroup>, key: Record<string, string>, event: StampedEvent): void {
  const text = Object.values(key).join("\u0000");
  const group = groups.get(text);
  if (group) group.events.push(event);
  else groups.set(text, { key, events: [event] });
}

/**
 * What an observation says of its trace: that it exists, began no later than this, and where it ran.
 * The weakest rank, so anything that speaks of the trace itself wins whenever it comes.
 */
function placeholderTrace(observation: PlacedObservation): StampedEvent {
  const { startTimeUs, environment, stamp } = observation;
  return {
    stamp: stampOf(startTimeUs ?? timeOfStamp(stamp), "inferred"),
    ...(startTimeUs === undefined ? {} : { timestampUs: startTimeUs }),
    ...(environment === undefined ? {} : { environment }),
  };
}
