import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** A process of `redis-server`: a server that holds data, or a Sentinel. */
export type RedisProcess = {
  readonly port: number;
  /** Of the process that ran last. */
  readonly pid: number;
  /** One command, as an operator would give it at a shell: `command("CONFIG", "SET", "maxmemory", "64mb")`. */
  command(name: string, ...args: readonly string[]): Promise<unknown>;
  /** Flushes the append-only file and exits. */
  stop(): Promise<void>;
  /** SIGKILL. What was acknowledged is in the append-only file, since the system outlives the process. */
  kill(): Promise<void>;
  /** Stops it if it runs and starts it again, on the same port and data. */
  restart(): Promise<void>;
};

const START_TIMEOUT_MS = 20_000;

/** Runs `redis-server` with these arguments, which make it listen on the port. `password` is what it asks for. */
export async function startRedisProcess(options: {
  readonly port: number;
  readonly args: readonly string[];
  readonly password?: string | undefined;
}): Promise<RedisProcess> {
  const { port, args, password } = options;
  let child = await launch(port, args);
  const end = (signal: NodeJS.Signals) => exit(child, signal);
  return {
    port,
    get pid() {
      return child.pid ?? 0;
    },
    command: (name, ...rest) => runCommand({ port, password }, name, rest),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      child = await launch(port, args);
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

async function runCommand(
  { port, password }: { readonly port: number; readonly password: string | undefined },
  name: string,
  args: readonly string[],
): Promise<unknown> {
  const client = new Redis(port, "127.0.0.1", {
    maxRetriesPerRequest: 1,
    // A Sentinel has no INFO of a server that loads its data.
    enableReadyCheck: false,
    ...(password === undefined ? {} : { password }),
  });
  // The command's own failure says it.
  client.on("error", () => {});
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

/** While it loads its data it answers with an error; one that wants a password first is there as well. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once("data", (data) => settle(/^(\+PONG|-NOAUTH)/.test(data.toString())));
    socket.once("error", () => settle(false));
    socket.once("close", () => resolve(false));
  });
}
