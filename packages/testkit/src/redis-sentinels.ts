import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { startRedisProcess, type RedisProcess } from "./redis-process.ts";
import { startRedisServer, type RedisServer } from "./redis-server.ts";

/** Servers that copy one another, and Sentinels that choose the master among them. */
export type RedisSentinels = AsyncDisposable & {
  /** Names the Sentinels: `redis+sentinel://127.0.0.1:26379,…/queue`. */
  readonly url: string;
  /** The first is master at the start. */
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly RedisProcess[];
  /** The one that most of the Sentinels name. */
  master(): Promise<RedisServer>;
  /** Waits until most of the Sentinels name another one than `previous`, and it takes writes. */
  untilMasterIsNot(previous: RedisServer): Promise<RedisServer>;
  /** As an operator asks for it. What the old master takes until it is told is lost, unless its writes were paused before. */
  failOver(): Promise<void>;
};

const MASTER_NAME = "queue";
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 500;
const FAILOVER_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/**
 * A master, `replicas` of it and three Sentinels on the loopback interface. Resolves when all replicas are in sync and the Sentinels
 * know of them and of each other, so that a fail-over can begin. `args` and `password` are of the servers, `sentinelPassword` of the Sentinels.
 */
export async function startRedisSentinels(options: {
  readonly replicas: number;
  readonly args?: readonly string[];
  readonly password?: string;
  readonly sentinelPassword?: string;
}): Promise<RedisSentinels> {
  const { replicas, password, sentinelPassword } = options;
  const servers: RedisServer[] = [];
  const sentinels: RedisProcess[] = [];
  const dir = await mkdtemp(join(tmpdir(), "xtrace-sentinels-"));
  const dispose = async () => {
    await Promise.all(sentinels.map((sentinel) => sentinel.kill()));
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const login = password === undefined ? [] : ["--masterauth", password];
    // Else a replica waits five seconds for others to be sent the same copy.
    const args = ["--repl-diskless-sync-delay", "0", ...login, ...(options.args ?? [])];
    const first = await startRedisServer({ args, password });
    servers.push(first);
    const replicaOf = ["--replicaof", "127.0.0.1", String(first.port)];
    for (let index = 0; index < replicas; index++) {
      servers.push(await startRedisServer({ args: [...args, ...replicaOf], password }));
    }
    await eventually(
      async () => {
        const info = String(await first.command("INFO", "replication"));
        const inSync = info.match(/state=online/g) ?? [];
        if (inSync.length < replicas) throw new Error(`${inSync.length} of ${replicas} replicas are in sync`);
      },
      { timeoutMs: TIMEOUT_MS },
    );

    for (let index = 0; index < SENTINELS; index++) {
      const port = await freePort();
      const file = join(dir, `${port}.conf`);
      await writeFile(file, sentinelConfig({ port, dir, masterPort: first.port, password, sentinelPassword }));
      sentinels.push(await startRedisProcess({ port, args: [file, "--sentinel"], password: sentinelPassword }));
    }
    await eventually(
      async () => {
        const all = await Promise.all(sentinels.map((sentinel) => knownTo(sentinel)));
        const isReady = all.every((known) => known.replicas === replicas && known.sentinels === SENTINELS - 1);
        if (!isReady) throw new Error(`The Sentinels know ${JSON.stringify(all)}`);
      },
      { timeoutMs: TIMEOUT_MS, intervalMs: POLL_MS },
    );

    const master = async () => {
      const ports = await Promise.all(sentinels.map((sentinel) => masterPortOf(sentinel).catch(() => 0)));
      const found = servers.find(({ port }) => ports.filter((named) => named === port).length >= QUORUM);
      if (!found) throw new Error(`The Sentinels do not agree on a master: ${ports.join(", ")}`);
      return found;
    };
    const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
    const userInfo = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
    const query = sentinelPassword === undefined ? "" : `?sentinel_password=${encodeURIComponent(sentinelPassword)}`;
    return {
      url: `redis+sentinel://${userInfo}${hosts}/${MASTER_NAME}${query}`,
      servers,
      sentinels,
      master,
      async untilMasterIsNot(previous) {
        return await eventually(
          async () => {
            const found = await master();
            if (found === previous) throw new Error("The Sentinels still name the same master");
            const info = String(await found.command("INFO", "replication"));
            if (!info.includes("role:master")) throw new Error("The new master is none yet");
            return found;
          },
          { timeoutMs: TIMEOUT_MS, intervalMs: POLL_MS },
        );
      },
      async failOver() {
        await sentinels[0]?.command("SENTINEL", "FAILOVER", MASTER_NAME);
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function sentinelConfig(options: {
  readonly port: number;
  readonly dir: string;
  readonly masterPort: number;
  readonly password: string | undefined;
  readonly sentinelPassword: string | undefined;
}): string {
  const { port, dir, masterPort, password, sentinelPassword } = options;
  return [
    `port ${port}`,
    "bind 127.0.0.1",
    `dir ${dir}`,
    `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${MASTER_NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${MASTER_NAME} ${FAILOVER_TIMEOUT_MS}`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER_NAME} "${password}"`]),
    ...(sentinelPassword === undefined
      ? []
      : [`requirepass "${sentinelPassword}"`, `sentinel sentinel-pass "${sentinelPassword}"`]),
    "",
  ].join("\n");
}

async function knownTo(sentinel: RedisProcess): Promise<{ replicas: number; sentinels: number }> {
  const lists = await Promise.all([
    sentinel.command("SENTINEL", "REPLICAS", MASTER_NAME),
    sentinel.command("SENTINEL", "SENTINELS", MASTER_NAME),
  ]);
  const [replicas = 0, sentinels = 0] = lists.map((list) => (Array.isArray(list) ? list.length : 0));
  return { replicas, sentinels };
}

async function masterPortOf(sentinel: RedisProcess): Promise<number> {
  const address = await sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME);
  return Array.isArray(address) ? Number(address[1]) : 0;
}
