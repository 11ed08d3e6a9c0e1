import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { codeOf } from "./folders.ts";
import { readPostmasterPid } from "./postmaster-pid.ts";
import { commandLine, identify } from "./process-info.ts";

/**
 * Makes a cluster free to be started on: stops the server of a run that was killed, and leaves a
 * lock file that names no server so that PostgreSQL takes it for stale.
 *
 * Signals a process only if its command line names this cluster and whoever started it is gone.
 */
export async function takeOver(options: {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly stopTimeoutMs: number;
  readonly log: (line: string) => void;
}): Promise<void> {
  const { dataDir, clusterDir, stopTimeoutMs, log } = options;
  const pid = (await readPostmasterPid(clusterDir))?.pid;
  if (pid === undefined) return;

  const command = await commandLine(pid);
  if (!command.includes(` -D ${clusterDir} `)) return await disownLockFile(clusterDir);
  if (await hasLivingOwner(command)) throw inUse(dataDir, pid);

  log(`stopping PostgreSQL ${pid}, which an earlier run left behind`);
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    signalProcess(pid, signal);
    if (await isGone(pid, stopTimeoutMs)) return;
  }
  throw inUse(dataDir, pid);
}

/**
 * The process id was given to another process, or it waits as a zombie: PostgreSQL would call the
 * folder locked. With our id in its place it looks on, at the shared memory, whose key the file
 * also holds: removing the file would take that check from it, and with it the protection from
 * backends that outlive their killed parent.
 */
async function disownLockFile(clusterDir: string): Promise<void> {
  const path = join(clusterDir, "postmaster.pid");
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/^.*/, String(process.pid)), { flag: "r+" });
}

/**
 * A setting without meaning to PostgreSQL that names, on the server's own command line, the
 * process that started it.
 */
export async function ownerSetting(): Promise<string> {
  const owner = await identify(process.pid);
  return `${OWNER_SETTING}=${process.pid}:${owner?.started ?? ""}`;
}

const OWNER_SETTING = "xtrace.owner";

/** A server without the setting was not started by us, so it is not ours to stop. */
async function hasLivingOwner(command: string): Promise<boolean> {
  const [, pid, started] = /xtrace\.owner=(\d+):(\S*)/.exec(command) ?? [];
  return pid === undefined || (await identify(Number(pid)))?.started === started;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

async function isGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (await identify(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

export function inUse(dataDir: string, pid?: number): EmbeddedPostgresError {
  const who = pid === undefined ? "another PostgreSQL server" : `the PostgreSQL server with process id ${pid}`;
  return new EmbeddedPostgresError(
    "DATA_DIR_IN_USE",
    `${dataDir} is in use by ${who}; stop it, or choose another data folder`,
  );
}
