import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "@xtrace/testkit";
import postgres from "postgres";

/** Of Debian's package; the embedded PostgreSQL has no pg_basebackup. */
const BIN = "/usr/lib/postgresql/15/bin";

export const canReplicate = existsSync(join(BIN, "pg_basebackup")) && serverUser() !== undefined;

export type PostgresServer = {
  readonly url: string;
  start(): Promise<void>;
  /** SIGQUIT: ends at once and without a word. */
  kill(): Promise<void>;
  /** Stops all of its processes where they are, or lets them go on. */
  freeze(isFrozen: boolean): void;
};

export type PostgresPair = AsyncDisposable & { readonly primary: PostgresServer; readonly replica: PostgresServer };

const DATABASE = "xtrace";
/** A standby lets no read hold up what it has to replay for longer. */
const STANDBY_DELAY = "200ms";

/** A primary and a streaming replica of it, made by pg_basebackup, on loopback. Both run. */
export async function startPostgresPair(): Promise<PostgresPair> {
  const user = serverUser();
  const dir = await mkdtemp(join(tmpdir(), "xtrace-replica-"));
  if (user?.uid !== undefined && user.gid !== undefined) chownSync(dir, user.uid, user.gid);
  const run = (file: string, ...args: string[]) =>
    execFileSync(join(BIN, file), args, { cwd: "/", ...user, stdio: ["ignore", "ignore", "pipe"] });

  const primary = serverAt(join(dir, "primary"), await freePort());
  const replica = serverAt(join(dir, "replica"), await freePort());
  const stop = async () => {
    for (const server of [replica, primary]) {
      server.freeze(false);
      await server.kill();
    }
    await rm(dir, { recursive: true, force: true });
  };
  try {
    run("initdb", "--pgdata", join(dir, "primary"), "--username=postgres", "--auth=trust", "--no-sync");
    await primary.start();
    run("createdb", "--host=127.0.0.1", `--port=${new URL(primary.url).port}`, "--username=postgres", DATABASE);
    const target = join(dir, "replica");
    run(
      "pg_basebackup",
      "--pgdata",
      target,
      "--write-recovery-conf",
      "--checkpoint=fast",
      "--no-sync",
      "--dbname",
      primary.url,
    );
    await replica.start();
    return { primary, replica, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function serverAt(dataDir: string, port: number): PostgresServer {
  const url = `postgres://postgres@127.0.0.1:${port}/${DATABASE}`;
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "off",
    max_standby_streaming_delay: STANDBY_DELAY,
    // A replica that was away asks again soon.
    wal_retrieve_retry_interval: "200ms",
  };
  let child: ChildProcess | undefined;
  const isRunning = () => child?.exitCode === null && child.signalCode === null;
  return {
    url,
    async start() {
      const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
      child = spawn(join(BIN, "postgres"), ["-D", dataDir, "-p", String(port), ...args], {
        cwd: "/",
        ...serverUser(),
        stdio: "ignore",
      });
      const admin = url.replace(/[^/]+$/, "postgres");
      await eventually(async () => await query(admin, "SELECT 1"), { timeoutMs: 60_000, intervalMs: 100 });
    },
    async kill() {
      if (!child || !isRunning()) return;
      const exited = once(child, "exit");
      child.kill("SIGQUIT");
      await exited;
    },
    freeze(isFrozen) {
      if (!child?.pid || !isRunning()) return;
      const { pid } = child;
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
      for (const each of [pid, ...children.map(Number)]) killIfThere(each, isFrozen ? "SIGSTOP" : "SIGCONT");
    },
  };
}

/** A backend may end between being listed and being signalled. */
function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** On a connection of its own. */
export async function query(url: string, text: string): Promise<postgres.RowList<postgres.Row[]>> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    return await sql.unsafe(text);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** PostgreSQL refuses to run as root: then it is the user that its package has made. */
function serverUser(): { readonly uid?: number; readonly gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  const [uid, gid] = [idOf("-u"), idOf("-g")];
  return uid > 0 && gid > 0 ? { uid, gid } : undefined;
}
