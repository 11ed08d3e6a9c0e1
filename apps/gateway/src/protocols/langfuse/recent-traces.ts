import type { ObservationEvent } from "@xtrace/contract";
import type { TraceDirectory } from "@xtrace/queue";

const MAX_REMEMBERED = 10_000;

export type RecentTraces = {
  /**
   * The observation in the trace that it names, else in the one that an earlier write to it named. When it resolves, the other
   * gateways know the trace too, so that an update which follows the answer finds it wherever it comes.
   */
  place(projectId: string, observation: ObservationEvent): Promise<ObservationEvent>;
};

/**
 * Remembers the traces of the observations that were written last, for updates that name no trace.
 *
 * The worker finds such a trace among what is stored, but an update may come before that: single writes follow
 * each other within milliseconds. What this gateway did not see itself it asks `shared` for. While that is away the
 * worker's answer counts.
 */
export function createRecentTraces(options: {
  /** `null`: there is no other gateway to ask. */
  readonly shared: Pick<TraceDirectory, "tell" | "find"> | null;
  readonly onError: (error: Error) => void;
  readonly maxRemembered?: number;
}): RecentTraces {
  const { shared, onError, maxRemembered = MAX_REMEMBERED } = options;
  const traceIds = new Map<string, string>();

  function unknown(error: Error): undefined {
    onError(error);
    return undefined;
  }

  function remember(key: string, traceId: string): void {
    traceIds.delete(key);
    traceIds.set(key, traceId);
    for (const oldest of traceIds.keys()) {
      if (traceIds.size <= maxRemembered) break;
      traceIds.delete(oldest);
    }
  }

  return {
    async place(projectId, observation) {
      const { id } = observation;
      const key = JSON.stringify([projectId, id]);
      const known = observation.traceId ?? traceIds.get(key) ?? (await shared?.find(projectId, id).catch(unknown));
      if (known === undefined) return observation;
      remember(key, known);
      if (observation.traceId !== null) await shared?.tell(projectId, id, known).catch(onError);
      return { ...observation, traceId: known };
    },
  };
}
