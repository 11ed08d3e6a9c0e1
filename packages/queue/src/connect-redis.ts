import { Redis } from "ioredis";

const MAX_RECONNECT_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * A connection to Redis that comes back by itself, for as long as it takes.
 *
 * With `commandTimeoutMs` commands fail fast, because a client waits for the answer. Without it
 * they wait for the server, as BullMQ's blocking reads require.
 */
export function connectRedis(
  url: string,
  options: { readonly commandTimeoutMs?: number; readonly onError: (error: Error) => void },
): Redis {
  const client = new Redis(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS),
    ...(options.commandTimeoutMs === undefined
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 1, commandTimeout: options.commandTimeoutMs }),
  });
  client.on("error", options.onError);
  return client;
}
