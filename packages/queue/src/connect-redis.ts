import { Cluster, Redis, type RedisOptions } from "ioredis";
import { parseRedisUrl, type RedisAddress } from "./redis-address.ts";
import { FollowingConnector } from "./sentinel-connector.ts";

const MAX_RECONNECT_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** Of a Sentinel that takes the connection and is frozen. */
const SENTINEL_ANSWER_TIMEOUT_MS = 1_000;
/** A connection on which nothing came for so long is dead. BullMQ's blocking reads wait ten seconds at most. */
const SILENCE_TIMEOUT_MS = 20_000;
const NO_REPLICAS_PAUSE_MS = 1_000;

/** One server or a cluster: both take the same commands. */
export type RedisClient = Redis | Cluster;

type ConnectOptions = {
  readonly commandTimeoutMs?: number;
  readonly onError: (error: Error) => void;
};

/**
 * A connection to Redis that comes back by itself, for as long as it takes.
 *
 * With `commandTimeoutMs` commands fail fast, because a client waits for the answer. Without it
 * they wait for the server, as BullMQ's blocking reads require. Throws RedisUrlError.
 */
export function connectRedis(url: string, options: ConnectOptions): RedisClient {
  const client = open(parseRedisUrl(url), options);
  client.on("error", options.onError);
  return client;
}

function open(address: RedisAddress, options: ConnectOptions): RedisClient {
  const settings = {
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectOnError: isDemoted,
    ...(options.commandTimeoutMs === undefined
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 1, commandTimeout: options.commandTimeoutMs }),
  };
  switch (address.kind) {
    case "server":
      return new Redis(address.url, { ...settings, retryStrategy });
    case "cluster":
      return new Cluster([...address.nodes], {
        clusterRetryStrategy: retryStrategy,
        redisOptions: { ...settings, ...loginOf(address), ...(address.tls ? { tls: {} } : {}) },
        // A certificate names hosts, so they are not to be resolved to addresses before the handshake.
        ...(address.tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
      });
    case "sentinel":
      return openBySentinels(address, settings, options);
  }
}

/** Asks the Sentinels for the master at each connect, and leaves what is no master, or answers as if it were none any more. */
function openBySentinels(
  address: Extract<RedisAddress, { kind: "sentinel" }>,
  settings: Pick<RedisOptions, "connectTimeout" | "maxRetriesPerRequest" | "commandTimeout">,
  { commandTimeoutMs }: ConnectOptions,
): Redis {
  const { username: sentinelUsername, password: sentinelPassword } = address.sentinelLogin;
  let leftAt = -Infinity;
  function isCutOff(error: Error): boolean {
    // Where the Sentinels know no better, it is the master for want of another: asking them again and again helps nobody.
    if (!error.message.includes("NOREPLICAS") || performance.now() - leftAt < NO_REPLICAS_PAUSE_MS) return false;
    leftAt = performance.now();
    return true;
  }
  return new Redis({
    Connector: FollowingConnector as NonNullable<RedisOptions["Connector"]>,
    ...settings,
    ...loginOf(address),
    name: address.masterName,
    sentinels: address.sentinels.map(({ host, port }) => ({ host, port })),
    db: address.database,
    retryStrategy,
    sentinelRetryStrategy: retryStrategy,
    sentinelCommandTimeout: SENTINEL_ANSWER_TIMEOUT_MS,
    reconnectOnError: (error) => isDemoted(error) || isCutOff(error),
    // A machine that vanishes closes no connection, and the system would wait for it for a quarter of an hour.
    socketTimeout: commandTimeoutMs === undefined ? SILENCE_TIMEOUT_MS : commandTimeoutMs * 2,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(address.tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  });
}

function retryStrategy(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS);
}

/** A master that became a replica may keep its connections: the new master is only found by connecting again. */
function isDemoted(error: Error): boolean {
  // Where a script met it, older servers say so in the middle.
  return error.message.includes("READONLY");
}

function loginOf({ username, password }: { readonly username?: string; readonly password?: string }) {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
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
