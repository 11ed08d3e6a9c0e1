import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

export type RedisServer = {
  readonly url: string;
  readonly port: number;
  /** Of the process that ran last. */
  readonly pid: number;
  /** Where its append-only file is. */
  readonly dir: string;
  /** One command, as an operator would give it at a shell: `command("CONFIG", "SET", "maxmemory", "64mb")`. */
  command(name: string, ...args: readonly string[]): Promise<unknown>;
  /** Flushes the append-only file and exits. */
  stop(): Promise<void>;
  /** SIGKILL. What was acknowledged is in the append-only file, since the system outlives the process. */
  kill(): Promise<void>;
  /** Stops it if it runs and starts it again, on the same port and data. */
  restart(): Promise<void>;
  /** Stops it and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
};

const START_TIMEOUT_MS = 20_000;

/** Whether `redis-server` is on the path, for tests that start their own. */
export function hasRedisServer(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** A Redis of one's own, for tests that stop, kill or fill it. `args` as on its command line. */
export async function startRedisServer(
  options: { readonly args?: readonly string[]; readonly port?: number } = {},
): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const dir = await mkdtemp(join(tmpdir(), "xtrace-redis-"));
  const basics = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "yes"];
  const start = () => launch(port, [...basics, ...(options.args ?? [])]);

  let child = await start().catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const end = (signal: NodeJS.Signals) => exit(child, signal);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    dir,
    command: (name, ...args) => runCommand(port, name, args),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      child = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await end("SIGTERM");
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(port: number, args: readonly string[]): Promise<ChildProcess> {
  let output = "";
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "pipe"] });
  child.once("error", (error) => (output += error.message));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2_000)));
  }
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answersPing(port))) {
    if (hasEnded(child) || performance.now() > deadline) {
      await exit(child, "SIGKILL");
      throw new Error(`redis-server did not start:\n${output}`);
    }
    await sleep(20);
  }
  return child;
}

async function runCommand(port: number, name: string, args: readonly string[]): Promise<unknown> {
  const client = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: 1 });
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function exit(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  await new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

/** While it loads its data it answers with an error. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once("data", (data) => settle(data.toString().startsWith("+PONG")));
    socket.once("error", () => settle(false));
    socket.once("close", () => resolve(false));
  });
}
