import { setTimeout as sleep } from "node:timers/promises";
import { connectRedis, isConnected, mastersOf, type RedisClient } from "./connect-redis.ts";
import type { QueueOptions } from "./queue-options.ts";
import { isRedisUrl, parseRedisUrl } from "./redis-address.ts";

/** The queue's server is set up such that it would lose what was acknowledged. The message names each setting and its cure. */
export class VolatileQueueError extends Error {
  override readonly name = "VolatileQueueError";
}

export type DurabilityGuard = {
  /**
   * Resolves when the server was asked, or could not be reached for a moment: a process starts without its
   * queue. Rejects with VolatileQueueError when the server is volatile and `required`.
   */
  readonly first: Promise<void>;
  /** Rejects with VolatileQueueError while the server that was last seen is volatile and `required`. */
  check(): Promise<void>;
  close(): Promise<void>;
};

const COMMAND_TIMEOUT_MS = 2_000;
const START_PATIENCE_MS = 3_000;
const POLL_MS = 50;
const ASK_AGAIN_MS = 10_000;

/** What a server must be set to, and how. */
const SETTINGS = [
  {
    name: "appendonly",
    wanted: "yes",
    why: "a restart of Redis would lose queued events",
  },
  {
    name: "maxmemory-policy",
    wanted: "noeviction",
    why: "a full Redis would throw queued events away",
  },
] as const;

/** A line in the log, and no more: with a single replica it is a choice between losing a moment and taking nothing. */
const UNREPLICATED =
  'REDIS_URL names Sentinels whose master has min-replicas-to-write "0": cut off from its replicas it goes on taking events, and a ' +
  "fail-over loses them (set it on every server that has two replicas or more: CONFIG SET min-replicas-to-write 1, and the same in redis.conf)";

/**
 * Watches that the queue's Redis keeps what it was given: asks at each connect, for the server behind an
 * address may be another one after a failover, and every ten seconds, for settings change.
 *
 * A queue in PostgreSQL is as durable as the database that it is in, so nothing is asked there.
 */
export function guardDurability(
  options: QueueOptions & {
    /** Refuse a volatile server, rather than warn of it. */
    readonly required: boolean;
    /** Told once of each new finding. */
    readonly onWarning: (message: string) => void;
  },
): DurabilityGuard {
  if (!isRedisUrl(options.url)) {
    return { first: Promise.resolve(), check: async () => {}, close: async () => {} };
  }
  const client = connectRedis(options.url, { commandTimeoutMs: COMMAND_TIMEOUT_MS, onError: options.onError });
  const hasSentinels = parseRedisUrl(options.url).kind === "sentinel";
  let finding: string | undefined;
  let volatile: VolatileQueueError | undefined;

  async function ask(): Promise<void> {
    try {
      const problems = await problemsOf(client);
      volatile = problems.length > 0 ? new VolatileQueueError(messageOf(problems)) : undefined;
      report(volatile?.message ?? (hasSentinels && !(await needsReplica(client)) ? UNREPLICATED : undefined));
    } catch (error) {
      if (!isRefusal(error)) return options.onError(error as Error);
      volatile = undefined;
      report("Redis does not let its settings be read: that it keeps what is queued could not be checked");
    }
  }

  function report(message: string | undefined): void {
    if (message !== undefined && message !== finding) options.onWarning(message);
    finding = message;
  }

  async function check(): Promise<void> {
    if (options.required && volatile) throw volatile;
  }

  async function askFirst(): Promise<void> {
    const deadline = performance.now() + START_PATIENCE_MS;
    while (!isConnected(client) && performance.now() < deadline) await sleep(POLL_MS);
    if (isConnected(client)) await ask();
    client.on("ready", () => void ask());
    await check();
  }

  const first = askFirst();
  first.catch(() => {});
  const timer = setInterval(() => {
    if (isConnected(client)) void ask();
  }, ASK_AGAIN_MS);
  timer.unref();
  return {
    first,
    check,
    async close() {
      clearInterval(timer);
      client.disconnect();
    },
  };
}

type Problem = { readonly name: string; readonly value: string; readonly wanted: string; readonly why: string };

async function problemsOf(client: RedisClient): Promise<Problem[]> {
  const found = await Promise.all(
    mastersOf(client).flatMap((server) =>
      SETTINGS.map(async ({ name, wanted, why }) => {
        const [, value = ""] = await server.config("GET", name);
        return { name, value, wanted, why };
      }),
    ),
  );
  // Nodes of a cluster that are alike are one finding.
  const problems = found.filter(({ value, wanted }) => value !== wanted);
  return [...new Map(problems.map((problem) => [`${problem.name}=${problem.value}`, problem])).values()];
}

/** Whether each master refuses writes that no replica is there to receive. */
async function needsReplica(client: RedisClient): Promise<boolean> {
  const values = await Promise.all(mastersOf(client).map((server) => server.config("GET", "min-replicas-to-write")));
  return values.every(([, value = "0"]) => Number(value) > 0);
}

function messageOf(problems: readonly Problem[]): string {
  const each = problems.map(
    ({ name, value, wanted, why }) =>
      `${name} is "${value}", so ${why} (set it: CONFIG SET ${name} ${wanted}, and the same in redis.conf)`,
  );
  return `REDIS_URL names a Redis that may lose acknowledged events: ${each.join("; ")}. ALLOW_VOLATILE_QUEUE=1 runs on it all the same`;
}

/** Managed servers often have no CONFIG, or not for everyone. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(NOPERM|ERR unknown (sub)?command|ERR.*not allowed)/i.test(error.message);
}
