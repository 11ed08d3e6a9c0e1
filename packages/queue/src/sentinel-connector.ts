import { Redis, SentinelConnector, type RedisOptions, type SentinelConnectionOptions } from "ioredis";

/**
 * What a Sentinel publishes when it has made another server master: the one that led the fail-over says the first, all of
 * them the second. Both name the group among other words.
 */
const NEWS = ["+promoted-slave", "+switch-master"];
const RECONNECT_DELAY_MS = 2_000;

/**
 * Finds the master by its Sentinels, and leaves it when they have chosen another one.
 *
 * A master that was replaced in order, or that only the Sentinels could not reach, goes on answering for ten seconds and more, until
 * they make it a replica; what it acknowledges meanwhile is then thrown away. ioredis can listen as well, but leaves for
 * the news of any group, and writes to the console of each Sentinel that is away.
 */
export class FollowingConnector extends SentinelConnector {
  override async connect(...args: Parameters<SentinelConnector["connect"]>): ReturnType<SentinelConnector["connect"]> {
    // It goes on where it stopped the last time, and reports the end of the list as if nobody had answered.
    this.sentinelIterator.reset(false);
    const stream = await super.connect(...args);
    let listeners: Redis[] = [];
    stream.once("connect", () => {
      listeners = listen(this.options, () => this.disconnect());
    });
    stream.once("close", () => {
      for (const listener of listeners) listener.disconnect();
    });
    return stream;
  }
}

/** One connection to each Sentinel. A Sentinel that is away is not heard, which the others make up for. */
function listen(options: SentinelConnectionOptions, onNews: () => void): Redis[] {
  return (options.sentinels ?? []).map((sentinel) => {
    const listener = new Redis({
      host: sentinel.host ?? "",
      port: sentinel.port ?? 0,
      username: options.sentinelUsername ?? "",
      password: options.sentinelPassword ?? "",
      ...(options.sentinelTLS ? { tls: options.sentinelTLS } : {}),
      connectTimeout: options.connectTimeout ?? RECONNECT_DELAY_MS,
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
      retryStrategy: () => RECONNECT_DELAY_MS,
    } satisfies RedisOptions);
    listener.on("error", () => {});
    listener.on("message", (_channel: string, message: string) => {
      if (message.split(" ").includes(options.name ?? "")) onNews();
    });
    void listener.subscribe(...NEWS).catch(() => {});
    return listener;
  });
}
