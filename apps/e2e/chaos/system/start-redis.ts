import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  freePort,
  startRedisCluster,
  startRedisSentinels,
  type RedisCluster,
  type RedisSentinels,
} from "@xtrace/testkit";
import { INGEST_QUEUE } from "@xtrace/contract";
import type { Cleanup } from "../../src/cleanup.ts";
import { launchRedis } from "./launch-redis.ts";
import { supervise, type Supervised } from "./supervise.ts";

/** One server that comes back by itself; a master, two replicas and three Sentinels; or a cluster of three masters. */
export type RedisKind = "server" | "sentinels" | "cluster";

/** The Redis of a system: how it is told to the apps, and what the scenario hurts. Throws for what it does not consist of. */
export type ChaosRedis = {
  readonly appUrl: string;
  /** Of the server that has the queue now. */
  queueUrl(): Promise<string>;
  /** Of the one server, and where its data is. */
  readonly port: number;
  readonly dir: string;
  server(): Supervised;
  sentinels(): RedisSentinels;
  cluster(): RedisCluster;
};

export type RedisOptions = {
  readonly redisKind?: RedisKind;
  readonly redisArgs?: readonly string[];
  readonly redisDir?: string;
  readonly log?: (line: string) => void;
};

export const RESTART_DELAY_MS = 700;
export const QUEUE_PREFIX = "{chaos}";

/** Of every kind; a server of its own has this from `launchRedis`. */
const KEEPS = ["--appendfsync", "everysec", "--maxmemory-policy", "noeviction"];

const isNone = (): never => {
  throw new Error("This system has no such Redis");
};
const NONE = { port: 0, dir: "", server: isNone, sentinels: isNone, cluster: isNone };

export async function startRedis(cleanup: Cleanup, dir: string, options: RedisOptions): Promise<ChaosRedis> {
  const { redisKind = "server", redisArgs = [] } = options;
  const args = [...KEEPS, ...redisArgs];
  switch (redisKind) {
    case "server":
      return await startServer(cleanup, dir, options);
    case "sentinels": {
      const group = cleanup.use(await startRedisSentinels({ replicas: 2, args }));
      const queueUrl = async () => (await group.master()).url;
      return { ...NONE, appUrl: group.url, queueUrl, sentinels: () => group };
    }
    case "cluster": {
      const cluster = cleanup.use(await startRedisCluster({ masters: 3, args }));
      const queueUrl = async () => (await cluster.ownerOf(QUEUE_KEY)).url;
      return { ...NONE, appUrl: cluster.url, queueUrl, cluster: () => cluster };
    }
  }
}

/** One key of the queue: all are in its slot. */
export const QUEUE_KEY = `${QUEUE_PREFIX}:${INGEST_QUEUE}:meta`;

async function startServer(cleanup: Cleanup, dir: string, options: RedisOptions): Promise<ChaosRedis> {
  const { log = () => {}, redisArgs: args = [] } = options;
  const port = await freePort();
  const redisDir = options.redisDir ?? (await memoryDir(cleanup)) ?? join(dir, "redis");
  await mkdir(redisDir, { recursive: true });
  const server = cleanup.use(
    await supervise({
      name: "redis",
      launch: () => launchRedis({ dir: redisDir, port, args }),
      restartDelayMs: RESTART_DELAY_MS,
      log,
    }),
  );
  const url = `redis://127.0.0.1:${port}`;
  return { ...NONE, appUrl: url, queueUrl: async () => url, port, dir: redisDir, server: () => server };
}

/**
 * In memory, where there is such a file system. While Redis flushes what it wrote the second before, it answers
 * before it writes; on a disk that takes its time to flush, a kill then costs what was answered meanwhile. That is
 * the disk's share in a loss, which apps/docs/reliability.md measures; what is tested here is ours.
 */
async function memoryDir(cleanup: Cleanup): Promise<string | undefined> {
  const dir = await mkdtemp("/dev/shm/xtrace-chaos-").catch(() => undefined);
  if (dir !== undefined) cleanup.defer(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
