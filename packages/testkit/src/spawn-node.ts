import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

export type NodeProcess = {
  readonly pid: number;
  /** What it printed so far, on either stream. */
  readonly lines: readonly string[];
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** The first line that matches, printed already or yet to come. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Sends the signal (`SIGTERM`), and `SIGKILL` after `timeoutMs`; resolves to the exit code, `null` if a signal ended it. */
  stop(signal?: NodeJS.Signals, timeoutMs?: number): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SpawnNodeOptions = {
  readonly args?: readonly string[] | undefined;
  readonly nodeArgs?: readonly string[] | undefined;
  /** All that it gets besides the path, the home and TEST_NODE_OPTIONS: nothing of the test runner's. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
};

/** Starts a program with this Node. TypeScript runs from source, as do the workspace packages it imports. */
export function spawnNode(entry: string, options: SpawnNodeOptions = {}): NodeProcess {
  const { args = [], nodeArgs = [], env = {}, cwd } = options;
  const child = spawn(process.execPath, [...nodeArgs, ...loaderArgs(entry), entry, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...inherited(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });

  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const notify = () => listeners.forEach((listener) => listener());
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      lines.push(line);
      notify();
    });
  }
  let hasExited = false;
  const exited: NodeProcess["exited"] = new Promise((resolve) => {
    child.once("error", (error) => lines.push(error.message));
    // Not "exit": by then the last lines may not have been read.
    child.once("close", (code, signal) => {
      hasExited = true;
      resolve({ code, signal });
      notify();
    });
  });

  const stop: NodeProcess["stop"] = async (signal = "SIGTERM", timeoutMs = 15_000) => {
    if (!hasExited) child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const { code } = await exited.finally(() => clearTimeout(timer));
    return code;
  };
  return {
    pid: child.pid ?? 0,
    lines,
    exited,
    waitForLine: (pattern, timeoutMs = 20_000) =>
      new Promise((resolve, reject) => {
        const settle = (action: () => void) => {
          clearTimeout(timer);
          listeners.delete(check);
          action();
        };
        const fail = (reason: string) =>
          settle(() => reject(new Error(`${reason} before it printed ${pattern}; it printed:\n${lines.join("\n")}`)));
        const check = () => {
          const line = lines.find((candidate) => pattern.test(candidate));
          if (line !== undefined) settle(() => resolve(line));
          else if (hasExited) fail("The process ended");
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        listeners.add(check);
        check();
      }),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

const IN_THREADS = new URL("../bin/load-in-threads.mjs", import.meta.url).href;

/** What Node needs to run `entry`, where that is TypeScript. */
export function loaderArgs(entry: string): string[] {
  if (!/\.m?ts$/.test(entry)) return [];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return ["--conditions=source", `--import=${loader}`, `--import=${IN_THREADS}`];
}

/** TEST_NODE_OPTIONS is what a test gives to every Node that it starts, and to those that they start. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "LANG", "TEST_NODE_OPTIONS"] as const;
  const values = [
    ...names.map((name) => [name, process.env[name]]),
    ["NODE_OPTIONS", process.env["TEST_NODE_OPTIONS"]],
  ];
  return Object.fromEntries(values.filter(([, value]) => value)) as Record<string, string>;
}
