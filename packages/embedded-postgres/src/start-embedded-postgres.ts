import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { prepareBinaries } from "./binaries.ts";
import { clusterDirOf, prepareDataDir } from "./data-dir.ts";
import { DEFAULT_SETTINGS } from "./default-settings.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { ensureDatabase } from "./ensure-database.ts";
import { initCluster, readPassword, SUPERUSER } from "./init-cluster.ts";
import { findPort } from "./port.ts";
import { type Exit, launchServer } from "./server-process.ts";
import { findServerUser } from "./server-user.ts";
import { takeOver } from "./take-over.ts";

export type EmbeddedPostgresOptions = {
  /** Made if need be. Holds the cluster in `pgdata`, which must not be on a network file system. */
  readonly dataDir: string;
  /** 0 or absent: a free one, another at every start. */
  readonly port?: number | undefined;
  /** The address to listen on; `127.0.0.1` if absent. */
  readonly host?: string | undefined;
  /** Created unless it exists. Letters, digits and `_` only: clients differ in how they read others from a url. */
  readonly database: string;
  /** Server settings over the defaults, such as `{ max_connections: "300" }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Receives every line that the server prints. */
  readonly log?: ((line: string) => void) | undefined;
  /** Covers recovery after a crash, which replays up to `max_wal_size`. */
  readonly startTimeoutMs?: number | undefined;
  /** How long `stop` waits for a checkpoint before it stops the server at once. */
  readonly stopTimeoutMs?: number | undefined;
};

export type EmbeddedPostgres = {
  /** Holds the password. */
  readonly url: string;
  readonly port: number;
  /** The server's first process. Signals to it: SIGINT stops, SIGQUIT stops at once. */
  readonly pid: number;
  readonly dataDir: string;
  /** Settles when the server ends, be it asked to or not. */
  readonly exited: Promise<Exit>;
  /** May be called more than once. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * Runs a private PostgreSQL until `stop`, with its data in `dataDir`. Works as root and as anybody.
 *
 * It survives Ctrl-C in the terminal, so that its caller can finish writing. If the caller is
 * killed it goes on running, until the next start on the same folder stops it.
 *
 * Errors: `EmbeddedPostgresError`, with a message for whoever operates the process.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { host = "127.0.0.1", port = 0, startTimeoutMs = 60_000, stopTimeoutMs = 30_000, log = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };

  const user = await findServerUser(clusterDirOf(dataDir));
  const binaries = await prepareBinaries(user);
  const state = await prepareDataDir(dataDir, { user, majorVersion: binaries.majorVersion });
  // One name for one folder: a server is recognized by it.
  const clusterDir = clusterDirOf(await realpath(dataDir));
  // Before the port is looked at, which the left-behind server may hold.
  await takeOver({ dataDir, clusterDir, stopTimeoutMs, log });
  if (state === "empty") await initCluster({ binaries, dataDir, user, sync: settings["fsync"] !== "off" });
  const password = await readPassword(clusterDir);

  const launchOnce = async () => {
    const usedPort = await findPort(host, port);
    const launched = {
      binaries,
      dataDir,
      clusterDir,
      user,
      host,
      port: usedPort,
      settings,
      log,
      timeoutMs: startTimeoutMs,
    };
    return { server: await launchServer(launched), usedPort };
  };
  const { server, usedPort } = await launchOnce().catch(async (error: unknown) => {
    // Somebody took the free port in between.
    if (port === 0 && error instanceof EmbeddedPostgresError && error.code === "PORT_BUSY") return await launchOnce();
    throw error;
  });

  const stop = () => server.stop(stopTimeoutMs);
  const urlOf = (database: string) =>
    `postgres://${SUPERUSER}:${password}@${host.includes(":") ? `[${host}]` : host}:${usedPort}/${database}`;
  try {
    await ensureDatabase(urlOf("postgres"), options.database);
  } catch (cause) {
    await stop();
    const message = `PostgreSQL started, but the database ${options.database} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new EmbeddedPostgresError("START_FAILED", message, { cause });
  }
  const { pid, exited } = server;
  return { url: urlOf(options.database), port: usedPort, pid, dataDir, exited, stop, [Symbol.asyncDispose]: stop };
}
