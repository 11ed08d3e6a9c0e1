import { connectRedis, firstAttempt, isConnected } from "./connect-redis.ts";
import type { QueueOptions } from "./queue-options.ts";

/**
 * Which trace an observation was put in last, as gateways tell each other: a later write that does not say may reach
 * another gateway, and a worker, before the observation is stored.
 *
 * All calls reject at once while Redis is away.
 */
export type TraceDirectory = {
  tell(projectId: string, observationId: string, traceId: string): Promise<void>;
  find(projectId: string, observationId: string): Promise<string | undefined>;
  close(): Promise<void>;
};

/**
 * What was told so long ago is far ahead in the queue, however long that is, and stored when the later write's turn comes. It
 * also bounds what is kept: 256 bytes an observation, as measured.
 */
const KEPT_FOR_S = 60;
const COMMAND_TIMEOUT_MS = 500;

/** Resolves when Redis was reached, or could not be for now. */
export async function openTraceDirectory({ url, prefix, onError }: QueueOptions): Promise<TraceDirectory> {
  const client = connectRedis(url, { commandTimeoutMs: COMMAND_TIMEOUT_MS, onError });
  await firstAttempt(client);
  const keyOf = (projectId: string, observationId: string) =>
    `${prefix}:trace-of:${JSON.stringify([projectId, observationId])}`;

  /** Commands would wait for the connection otherwise. */
  function connected() {
    if (!isConnected(client)) throw new Error("the trace directory is not connected");
    return client;
  }

  return {
    async tell(projectId, observationId, traceId) {
      await connected().set(keyOf(projectId, observationId), traceId, "EX", KEPT_FOR_S);
    },
    async find(projectId, observationId) {
      return (await connected().get(keyOf(projectId, observationId))) ?? undefined;
    },
    async close() {
      client.disconnect();
    },
  };
}
