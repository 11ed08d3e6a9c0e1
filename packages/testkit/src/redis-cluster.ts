import { spawnSync } from "node:child_process";
import { freePort } from "./free-port.ts";
import { startRedisServer, type RedisServer } from "./redis-server.ts";

export type RedisCluster = AsyncDisposable & {
  /** Names all nodes: `redis://127.0.0.1:7000,127.0.0.1:7001,…`. */
  readonly url: string;
  readonly masters: readonly RedisServer[];
  /** The master that has the slot of this key. */
  ownerOf(key: string): Promise<RedisServer>;
  /** Moves the slot of this key with all keys in it, as a resharding does. Resolves to how many keys that were. */
  moveSlot(key: string, to: RedisServer): Promise<number>;
};

const NODE_TIMEOUT_MS = 2_000;

/** A Redis Cluster on the loopback interface, of masters without replicas. */
export async function startRedisCluster(options: {
  readonly masters: number;
  readonly args?: readonly string[];
}): Promise<RedisCluster> {
  const { args: extra = [] } = options;
  const masters: RedisServer[] = [];
  const dispose = async () => {
    await Promise.all(masters.map((server) => server[Symbol.asyncDispose]()));
  };
  try {
    for (let index = 0; index < options.masters; index++) {
      const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", String(NODE_TIMEOUT_MS), ...extra];
      // For the other nodes. Its default is the port plus 10,000, which the system may have given to somebody.
      const busPort = await freePort();
      masters.push(await startRedisServer({ args: ["--cluster-port", String(busPort), ...args] }));
    }
    const nodes = masters.map(({ port }) => `127.0.0.1:${port}`);
    const created = spawnSync("redis-cli", ["--cluster", "create", ...nodes, "--cluster-yes"], { encoding: "utf8" });
    if (created.status !== 0)
      throw new Error(`redis-cli could not create a cluster:\n${created.stdout}${created.stderr}`);
    return {
      url: `redis://${nodes.join(",")}`,
      masters,
      ownerOf: (key) => ownerOf(masters, key),
      moveSlot: (key, to) => moveSlot(masters, key, to),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** In one step, in which both servers do nothing else. */
const MOVED_KEYS = 200;
const MIGRATE_TIMEOUT_MS = 5_000;

async function moveSlot(masters: readonly RedisServer[], key: string, to: RedisServer): Promise<number> {
  const slot = String(await to.command("CLUSTER", "KEYSLOT", key));
  const from = await ownerOf(masters, key);
  const [fromId, toId] = await Promise.all([idOf(from), idOf(to)]);
  await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
  await from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
  const target = ["127.0.0.1", String(to.port), "", "0", String(MIGRATE_TIMEOUT_MS), "KEYS"];
  let moved = 0;
  for (;;) {
    const keys = (await from.command("CLUSTER", "GETKEYSINSLOT", slot, String(MOVED_KEYS))) as string[];
    if (keys.length === 0) break;
    await from.command("MIGRATE", ...target, ...keys);
    moved += keys.length;
  }
  // The new owner first, so that there is always one.
  for (const server of [to, ...masters.filter((master) => master !== to)]) {
    await server.command("CLUSTER", "SETSLOT", slot, "NODE", toId);
  }
  return moved;
}

async function ownerOf(masters: readonly RedisServer[], key: string): Promise<RedisServer> {
  const slot = Number(await masters[0]?.command("CLUSTER", "KEYSLOT", key));
  const ranges = (await masters[0]?.command("CLUSTER", "SLOTS")) as Array<[number, number, [string, number]]>;
  const range = ranges.find(([first, last]) => first <= slot && slot <= last);
  const owner = masters.find(({ port }) => port === range?.[2][1]);
  if (!owner) throw new Error(`Nobody has slot ${slot}`);
  return owner;
}

async function idOf(server: RedisServer): Promise<string> {
  return String(await server.command("CLUSTER", "MYID"));
}
