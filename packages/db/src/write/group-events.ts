import { stampOf, timeOfStamp, type IngestJob } from "@xtrace/contract";
import type { StampedEvent } from "../merge/merge-row.ts";
import { placed, type PlacedObservation, type Places } from "./place-observations.ts";
import { keyTextOf, type EventGroup } from "./upsert-merged.ts";

/** The events of a batch by row, in the order of the tables that they are written to. */
export type GroupedEvents = {
  readonly traces: readonly EventGroup[];
  readonly observations: readonly EventGroup[];
  readonly scores: readonly EventGroup[];
};

export function groupEvents(jobs: readonly IngestJob[], places: Places): GroupedEvents {
  const traces = new Map<string, EventGroup>();
  const observations = new Map<string, EventGroup>();
  const scores = new Map<string, EventGroup>();
  const hints = new Map<string, TraceHints>();
  for (const { projectId, events } of jobs) {
    for (const event of events.traces) groupOf(traces, projectId, event.id).events.push(event);
    for (const event of events.observations) {
      const observation = placed(places, projectId, event);
      groupOf(observations, projectId, observation.id, observation.traceId).events.push(observation);
      const { keyText } = groupOf(traces, projectId, observation.traceId);
      addHint(hints, keyText, traceHint(observation));
    }
    for (const event of events.scores) groupOf(scores, projectId, event.id).events.push(event);
  }
  for (const [keyText, { earliest, latest, earliestNamed }] of hints) {
    traces.get(keyText)?.events.push(...new Set([earliest, latest, earliestNamed]));
  }
  return { traces: [...traces.values()], observations: [...observations.values()], scores: [...scores.values()] };
}

/** The arguments are the primary key of the table, in its order. */
function groupOf(groups: Map<string, EventGroup>, projectId: string, id: string, traceId?: string): EventGroup {
  const keyText = keyTextOf(traceId === undefined ? [projectId, id] : [projectId, id, traceId]);
  const existing = groups.get(keyText);
  if (existing) return existing;
  const key = traceId === undefined ? { projectId, id } : { projectId, id, traceId };
  const group: EventGroup = { key, keyText, events: [] };
  groups.set(keyText, group);
  return group;
}

/**
 * What an observation says of its trace: that it exists, began no later than this, and where it ran.
 * The weakest rank, so anything that speaks of the trace itself wins whenever it comes.
 */
type TraceHint = StampedEvent & { readonly timestampUs: number | undefined; readonly environment: string | undefined };

function traceHint({ startTimeUs, environment, stamp }: PlacedObservation): TraceHint {
  return { stamp: stampOf(startTimeUs ?? timeOfStamp(stamp), "inferred"), timestampUs: startTimeUs, environment };
}

/**
 * The hints of one trace that can matter: the merge keeps the earliest time, the environment of the
 * earliest hint that has one, and the newest stamp. A trace of a thousand observations merges three.
 */
type TraceHints = { earliest: TraceHint; latest: TraceHint; earliestNamed: TraceHint };

function addHint(all: Map<string, TraceHints>, keyText: string, hint: TraceHint): void {
  const hints = all.get(keyText);
  if (!hints) {
    all.set(keyText, { earliest: hint, latest: hint, earliestNamed: hint });
    return;
  }
  if (timeOf(hint) < timeOf(hints.earliest)) hints.earliest = hint;
  if (hint.stamp > hints.latest.stamp) hints.latest = hint;
  if (isNamedEarlier(hint, hints.earliestNamed)) hints.earliestNamed = hint;
}

function timeOf({ timestampUs, stamp }: TraceHint): number {
  return timestampUs ?? timeOfStamp(stamp);
}

/** Of two environments of one instant the merge keeps the greater text, so that it does not depend on the order. */
function isNamedEarlier({ stamp, environment }: TraceHint, other: TraceHint): boolean {
  if (environment === undefined) return false;
  if (other.environment === undefined || stamp < other.stamp) return true;
  return stamp === other.stamp && environment > other.environment;
}
