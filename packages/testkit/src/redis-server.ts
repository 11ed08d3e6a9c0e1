import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { startRedisProcess, type RedisProcess } from "./redis-process.ts";

export type RedisServer = RedisProcess & {
  readonly url: string;
  /** Where its append-only file is. */
  readonly dir: string;
  /** Stops it and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** Whether `redis-server` is on the path, for tests that start their own. */
export function hasRedisServer(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** A Redis of one's own, for tests that stop, kill or fill it. `args` as on its command line, and the `password` that it asks for. */
export async function startRedisServer(
  options: { readonly args?: readonly string[]; readonly password?: string | undefined } = {},
): Promise<RedisServer> {
  const { password, args: extra = [] } = options;
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), "xtrace-redis-"));
  const removeDir = () => rm(dir, { recursive: true, force: true });
  const basics = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes"];
  const login = password === undefined ? [] : ["--requirepass", password];
  const args = [...basics, ...login, ...extra];
  const server = await startRedisProcess({ port, args, password }).catch(async (error: unknown) => {
    await removeDir();
    throw error;
  });
  const { command, stop, kill, restart } = server;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return server.pid;
    },
    dir,
    command,
    stop,
    kill,
    restart,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await removeDir();
    },
  };
}
