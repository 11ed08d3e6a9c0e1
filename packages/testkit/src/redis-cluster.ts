import { spawnSync } from "node:child_process";
import { freePort } from "./free-port.ts";
import { startRedisServer, type RedisServer } from "./redis-server.ts";

export type RedisCluster = AsyncDisposable & {
  /** Names all nodes: `redis://127.0.0.1:7000,127.0.0.1:7001,…`. */
  readonly url: string;
  readonly masters: readonly RedisServer[];
};

/** A node also listens on its port plus 10,000, for the others. */
const LAST_PORT = 55_535;
const NODE_TIMEOUT_MS = 2_000;

/** A Redis Cluster on the loopback interface, of masters without replicas. */
export async function startRedisCluster(options: { readonly masters: number }): Promise<RedisCluster> {
  const masters: RedisServer[] = [];
  const dispose = async () => {
    await Promise.all(masters.map((server) => server[Symbol.asyncDispose]()));
  };
  try {
    for (let index = 0; index < options.masters; index++) {
      const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", String(NODE_TIMEOUT_MS)];
      masters.push(await startRedisServer({ port: await lowPort(), args }));
    }
    const nodes = masters.map(({ port }) => `127.0.0.1:${port}`);
    const created = spawnSync("redis-cli", ["--cluster", "create", ...nodes, "--cluster-yes"], { encoding: "utf8" });
    if (created.status !== 0)
      throw new Error(`redis-cli could not create a cluster:\n${created.stdout}${created.stderr}`);
    return { url: `redis://${nodes.join(",")}`, masters, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function lowPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port <= LAST_PORT) return port;
  }
}
