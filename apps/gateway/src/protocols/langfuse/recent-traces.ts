import type { ObservationEvent } from "@xtrace/contract";

const MAX_REMEMBERED = 10_000;

export type RecentTraces = {
  /** The observation in the trace that it names, else in the one that an earlier write to it named. */
  place(projectId: string, observation: ObservationEvent): ObservationEvent;
};

/**
 * Remembers the traces of the observations that were written last, for updates that name no trace.
 *
 * The worker finds such a trace among what is stored, but an update may come before that: single writes follow
 * each other within milliseconds. Another gateway does not know, and the worker's answer counts.
 */
export function createRecentTraces(maxRemembered = MAX_REMEMBERED): RecentTraces {
  const traceIds = new Map<string, string>();
  return {
    place(projectId, observation) {
      const key = JSON.stringify([projectId, observation.id]);
      const traceId = observation.traceId ?? traceIds.get(key);
      if (traceId === undefined) return observation;
      traceIds.delete(key);
      traceIds.set(key, traceId);
      for (const oldest of traceIds.keys()) {
        if (traceIds.size <= maxRemembered) break;
        traceIds.delete(oldest);
      }
      return { ...observation, traceId };
    },
  };
}
