import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Exit, Life } from "./supervise.ts";

const START_TIMEOUT_MS = 20_000;

/** Redis as xtrace requires it: every write in the append-only file, flushed to the disk once a second. */
export async function launchRedis(options: {
  readonly dir: string;
  readonly port: number;
  readonly args: readonly string[];
}): Promise<Life> {
  const durable = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "everysec",
    "--save",
    "",
    "--maxmemory-policy",
    "noeviction",
  ];
  const place = ["--port", String(options.port), "--bind", "127.0.0.1", "--dir", options.dir];
  return await launchServer("redis-server", [...place, ...durable, ...options.args], options.port);
}

/** Starts a server and waits until it takes connections. */
async function launchServer(command: string, args: readonly string[], port: number): Promise<Life> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output = (output + text).slice(-2_000)));
  }
  const exited = new Promise<Exit>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve({ code: null, signal: null });
    });
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  let hasExited = false;
  void exited.then(() => (hasExited = true));
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await takesConnections(port))) {
    if (hasExited || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${command} does not start:\n${output}`);
    }
    await sleep(20);
  }
  return { pid: child.pid ?? 0, exited };
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = createConnection(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
