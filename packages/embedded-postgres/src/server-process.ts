import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { portBusy } from "./port.ts";
import { readPostmasterPid } from "./postmaster-pid.ts";
import { binaryEnv } from "./run.ts";
import type { ServerUser } from "./server-user.ts";
import { inUse, ownerSetting } from "./take-over.ts";

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type ServerProcess = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Ends sessions, writes a checkpoint and stops; after `timeoutMs` it stops at once and recovers at the next start. */
  stop(timeoutMs: number): Promise<void>;
};

export type LaunchOptions = {
  readonly binaries: Binaries;
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly user: ServerUser | undefined;
  readonly host: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  readonly timeoutMs: number;
};

/** Starts the server and waits until it accepts connections; a failed start leaves no process behind. */
export async function launchServer(options: LaunchOptions): Promise<ServerProcess> {
  const begin = performance.now();
  const deadline = begin + options.timeoutMs;
  const owner = await ownerSetting();
  for (;;) {
    const launched = launch(options, owner);
    const outcome = await launched.settle(deadline);
    if (outcome === "ready") return launched;
    await launched.stop(0);
    if (outcome === "timeout") throw startTimeout(options, launched.lastLines());
    const isBusy = launched.lastLines().includes(SHARED_MEMORY_BUSY);
    if (!isBusy || performance.now() > begin + ORPHANS_TIMEOUT_MS) throw startFailed(options, launched.lastLines());
    await sleep(200);
  }
}

const SHARED_MEMORY_BUSY = "pre-existing shared memory block";
/** The backends of a killed server need a moment to notice, and until then its memory is in use. */
const ORPHANS_TIMEOUT_MS = 10_000;
const POLL_MS = 10;
const KEPT_LINES = 20;

function launch({ binaries, clusterDir, user, host, port, settings, log }: LaunchOptions, owner: string) {
  const all = { ...settings, listen_addresses: host, port: String(port), unix_socket_directories: "" };
  const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(binaries.postgres, ["-D", clusterDir, "-c", owner, ...flags], {
    cwd: clusterDir,
    env: binaryEnv(),
    stdio: ["ignore", "ignore", "pipe"],
    // A process group of its own: Ctrl-C goes to the whole group of the terminal, and the database must outlive those who drain into it.
    detached: true,
    ...(user && { uid: user.uid, gid: user.gid }),
  });

  const kept: string[] = [];
  const keep = (line: string) => {
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
    log(line);
  };
  createInterface({ input: child.stderr }).on("line", keep);

  let stopping = false;
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once("error", (error) => {
      keep(error.message);
      if (child.pid === undefined) resolve((exit = { code: null, signal: null }));
    });
    // Not "exit": by then the last lines may not have been read.
    child.once("close", (code, signal) => resolve((exit = { code, signal })));
  });

  return {
    // Only a process that never was has none, and that is never returned as started.
    pid: child.pid ?? 0,
    exited,
    lastLines: () => kept.join("\n"),
    settle: async (deadline: number): Promise<"ready" | "exited" | "timeout"> => {
      while (exit === undefined) {
        const status = await readPostmasterPid(clusterDir);
        if (status?.ready && status.pid === child.pid) return "ready";
        if (performance.now() > deadline) return "timeout";
        await sleep(POLL_MS);
      }
      return "exited";
    },
    stop: async (timeoutMs: number): Promise<void> => {
      if (exit !== undefined) return;
      // The second one of two calls waits for the first one's.
      if (!stopping) child.kill("SIGINT");
      stopping = true;
      const timer = setTimeout(() => child.kill("SIGQUIT"), timeoutMs);
      await exited.finally(() => clearTimeout(timer));
    },
  };
}

function startTimeout({ timeoutMs, dataDir }: LaunchOptions, lastLines: string): EmbeddedPostgresError {
  const message = `PostgreSQL in ${dataDir} did not start within ${timeoutMs} ms: ${lastWord(lastLines)}`;
  return new EmbeddedPostgresError("START_TIMEOUT", message);
}

/** The server speaks English whatever the machine's language is, see `binaryEnv`. */
function startFailed({ port, dataDir }: LaunchOptions, lastLines: string): EmbeddedPostgresError {
  if (/could not bind .*address.*: Address already in use/.test(lastLines)) return portBusy(port);
  if (lastLines.includes(SHARED_MEMORY_BUSY) || lastLines.includes('lock file "postmaster.pid" already exists'))
    return inUse(dataDir);
  return new EmbeddedPostgresError("START_FAILED", `PostgreSQL in ${dataDir} does not start: ${lastWord(lastLines)}`);
}

/** One line for whoever operates it, without its time and process; all of them went to `log`. */
function lastWord(lastLines: string): string {
  const lines = lastLines.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.findLast((line) => /\b(PANIC|FATAL|ERROR):/.test(line)) ?? lines.at(-1) ?? "it said nothing";
  return telling.replace(/^.*?(?=\b(?:PANIC|FATAL|ERROR|LOG):)/, "");
}
