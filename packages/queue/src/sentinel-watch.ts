import { Redis, ReplyError, type RedisOptions, type SentinelConnectionOptions } from "ioredis";

export type MasterAddress = { readonly host: string; readonly port: number };

/** What a Sentinel says of the master. Each fail-over has an epoch, so that of two that differ the later is known. */
export type MasterNews = { readonly epoch: number; readonly address: MasterAddress };

export type SentinelWatch = {
  /** The latest of what all Sentinels say that answer in time; `undefined` when none does. Rejects with why they do not tell. */
  ask(): Promise<MasterNews | undefined>;
  /** Tells of each later master from now on, until the function that it returns is called. */
  follow(onNews: (news: MasterNews) => void): () => void;
};

const ANSWER_TIMEOUT_MS = 1_000;
const OTHERS_MS = 200;
const RECONNECT_DELAY_MS = 1_000;
const POLL_MS = 200;

/** Of this process, by what they ask: all its connections to one master share one watch. */
const watches = new Map<string, SentinelWatch>();

/** Asks all Sentinels at once: the one that led a fail-over knows of it two seconds before the others. */
export function watchSentinels(options: SentinelConnectionOptions): SentinelWatch {
  const { name, sentinels, sentinelUsername, sentinelPassword } = options;
  const key = JSON.stringify([name, sentinels, sentinelUsername, sentinelPassword]);
  const watch = watches.get(key) ?? createWatch(options);
  watches.set(key, watch);
  return watch;
}

/** Connected while somebody asks or follows. */
function createWatch(options: SentinelConnectionOptions): SentinelWatch {
  const followers = new Set<(news: MasterNews) => void>();
  let users = 0;
  let clients: Redis[] = [];
  let timer: NodeJS.Timeout | undefined;

  function enter(): void {
    users += 1;
    if (users === 1) clients = (options.sentinels ?? []).map((sentinel) => connect(sentinel, options));
  }

  function leave(): void {
    users -= 1;
    if (users > 0) return;
    for (const client of clients) client.disconnect();
    clients = [];
  }

  async function askAll(): Promise<MasterNews | undefined> {
    const { answers, refusal } = await inTime(clients.map((client) => askOne(client, options.name ?? "")));
    const [latest] = answers.toSorted((a, b) => b.epoch - a.epoch);
    if (!latest && refusal) throw new Error(`The Sentinels do not tell the master: ${refusal.message}`);
    return latest;
  }

  async function poll(): Promise<void> {
    const news = await askAll().catch(() => undefined);
    if (news) for (const follower of followers) follower(news);
    schedule();
  }

  function schedule(): void {
    clearTimeout(timer);
    if (followers.size > 0) timer = setTimeout(() => void poll(), POLL_MS).unref();
  }

  return {
    async ask() {
      enter();
      try {
        return await askAll();
      } finally {
        leave();
      }
    },
    follow(onNews) {
      enter();
      followers.add(onNews);
      if (followers.size === 1) schedule();
      return () => {
        if (followers.delete(onNews)) leave();
      };
    },
  };
}

/** What came before all have answered or failed, or for a moment after the first answer: one may be on a machine that is gone. */
async function inTime<T>(
  pending: ReadonlyArray<Promise<T>>,
): Promise<{ answers: readonly T[]; refusal: Error | undefined }> {
  const answers: T[] = [];
  let refusal: Error | undefined;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    const settled = pending.map(async (one) => {
      try {
        answers.push(await one);
        timer ??= setTimeout(resolve, OTHERS_MS);
      } catch (error) {
        if (error instanceof ReplyError) refusal = error as Error;
      }
    });
    void Promise.all(settled).then(() => resolve());
  });
  clearTimeout(timer);
  return { answers, refusal };
}

async function askOne(client: Redis, name: string): Promise<MasterNews> {
  const [fields, address] = (await Promise.all([
    client.call("SENTINEL", "MASTER", name),
    client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
  ])) as [readonly string[], readonly [string, string]];
  const epoch = Number(fields[fields.indexOf("config-epoch") + 1]);
  return { epoch, address: { host: address[0], port: Number(address[1]) } };
}

function connect(
  sentinel: { readonly host?: string; readonly port?: number },
  options: SentinelConnectionOptions,
): Redis {
  const client = new Redis({
    host: sentinel.host ?? "",
    port: sentinel.port ?? 0,
    username: options.sentinelUsername ?? "",
    password: options.sentinelPassword ?? "",
    ...(options.sentinelTLS ? { tls: options.sentinelTLS } : {}),
    connectTimeout: ANSWER_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
    socketTimeout: ANSWER_TIMEOUT_MS,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => RECONNECT_DELAY_MS,
  } satisfies RedisOptions);
  // Whoever asks says that no Sentinel answered.
  client.on("error", () => {});
  return client;
}
