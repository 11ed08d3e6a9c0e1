import { Cluster, Redis } from "ioredis";
import { parseRedisUrl } from "./redis-address.ts";

const MAX_RECONNECT_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;

/** One server or a cluster: both take the same commands. */
export type RedisClient = Redis | Cluster;

/**
 * A connection to Redis that comes back by itself, for as long as it takes.
 *
 * With `commandTimeoutMs` commands fail fast, because a client waits for the answer. Without it
 * they wait for the server, as BullMQ's blocking reads require.
 */
export function connectRedis(
  url: string,
  options: { readonly commandTimeoutMs?: number; readonly onError: (error: Error) => void },
): RedisClient {
  const address = parseRedisUrl(url);
  if (!address) throw new TypeError("Not the address of a Redis: expected redis://host:6379 or redis://a:7000,b:7001");
  const retryStrategy = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS);
  const settings = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A master that became a replica keeps its connections: the new master is only found by connecting again.
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
    ...(options.commandTimeoutMs === undefined
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 1, commandTimeout: options.commandTimeoutMs }),
  };
  const client =
    address.kind === "server"
      ? new Redis(address.url, { ...settings, retryStrategy })
      : new Cluster([...address.nodes], {
          clusterRetryStrategy: retryStrategy,
          redisOptions: {
            ...settings,
            ...(address.username === undefined ? {} : { username: address.username }),
            ...(address.password === undefined ? {} : { password: address.password }),
            ...(address.tls ? { tls: {} } : {}),
          },
          // A certificate names hosts, so they are not to be resolved to addresses before the handshake.
          ...(address.tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
        });
  client.on("error", options.onError);
  return client;
}

/**
 * Resolves when the first attempt to connect has come to an end, well or not, or after two seconds. Before it "not
 * connected" says nothing about the server.
 */
export async function firstAttempt(client: RedisClient): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    for (const event of ["ready", "close", "end"]) client.once(event, resolve);
    timer = setTimeout(resolve, CONNECT_TIMEOUT_MS);
    timer.unref();
  });
  clearTimeout(timer);
}

/** Whether commands get through now. A cluster says `connect` until it has seen that all slots are served. */
export function isConnected(client: RedisClient): boolean {
  return client.status === "ready" || (client instanceof Cluster && client.status === "connect");
}

/** The servers that hold data, for questions that each has to answer for itself. */
export function mastersOf(client: RedisClient): Redis[] {
  return client instanceof Cluster ? client.nodes("master") : [client];
}
