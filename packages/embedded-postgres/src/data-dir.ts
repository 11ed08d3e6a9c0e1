import { access, chmod, constants, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { canReach, isNotWritable, makePassableDir, nearestExisting } from "./folders.ts";
import { run } from "./run.ts";
import type { ServerUser } from "./server-user.ts";

/*
 * What we have in a data folder, which may hold other files of the caller as well:
 *   pgdata/                  the cluster, which appears in one rename once it is complete
 *   pgdata/xtrace-password   the superuser's password, mode 0600
 *   pgdata-new-<pid>-…/      a cluster in the making, and password-new-<pid>-… its password
 * For root, `pgdata` belongs to the server's user and the folder need only be open to it.
 */

export function clusterDirOf(dataDir: string): string {
  return join(dataDir, "pgdata");
}

/** What a first start under way, or a killed one, has in the folder. */
export const STAGE = /^(?:pgdata|password)-new-(\d+)-[0-9a-f]+$/;

/** Makes the folder if need be, lets `user` in, and tells whether it holds a cluster of this major version. */
export async function prepareDataDir(
  dataDir: string,
  options: { readonly user: ServerUser | undefined; readonly majorVersion: string },
): Promise<"empty" | "cluster"> {
  const { user, majorVersion } = options;
  if (user && !(await canReach(await nearestExisting(dirname(dataDir)), user))) throw await unreachable(dataDir, user);
  await makePassableDir(dataDir).catch((error: unknown) => {
    throw notWritable(dataDir, error);
  });
  try {
    const names = await readdir(dataDir);
    if (user && !(await canReach(dataDir, user))) await open(dataDir, names, user);
    const state = await inspect(dataDir, names, majorVersion);
    if (user && state === "cluster") await giveTo(user, clusterDirOf(dataDir));
    await access(state === "cluster" ? clusterDirOf(dataDir) : dataDir, constants.W_OK | constants.X_OK);
    return state;
  } catch (error) {
    if (!isNotWritable(error)) throw error;
    throw notWritable(dataDir, error);
  }
}

async function inspect(dataDir: string, names: readonly string[], majorVersion: string): Promise<"empty" | "cluster"> {
  if (names.includes("PG_VERSION"))
    throw broken(`${dataDir} is a PostgreSQL cluster of its own; choose another folder`);
  if (!names.includes("pgdata")) return "empty";
  const clusterDir = clusterDirOf(dataDir);
  const version = await readFile(join(clusterDir, "PG_VERSION"), "utf8").catch((error: unknown) => {
    if (isNotWritable(error)) throw error;
    throw broken(`${clusterDir} has no PG_VERSION, so it is not a complete database; restore a backup or remove it`);
  });
  if (version.trim() === majorVersion) return "cluster";
  const message = `${clusterDir} belongs to PostgreSQL ${version.trim()} and this is ${majorVersion}; move the data with pg_dump, or choose another folder`;
  throw new EmbeddedPostgresError("DATA_DIR_WRONG_VERSION", message);
}

/** A folder of ours is opened to the server's user; one that holds only other things may be closed for a reason. */
async function open(dataDir: string, names: readonly string[], user: ServerUser): Promise<void> {
  if (names.length > 0 && !names.includes("pgdata")) throw await unreachable(join(dataDir, "pgdata"), user);
  const { mode } = await stat(dataDir);
  await chmod(dataDir, mode | 0o011);
}

/** The server must own its cluster. Another owner is rare: root has moved the folder here. */
async function giveTo(user: ServerUser, clusterDir: string): Promise<void> {
  const { uid } = await stat(clusterDir);
  if (uid !== user.uid) await run("chown", ["-R", `${user.uid}:${user.gid}`, clusterDir]);
}

export function broken(message: string, cause?: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError("DATA_DIR_BROKEN", message, { cause });
}

async function unreachable(dataDir: string, user: ServerUser): Promise<EmbeddedPostgresError> {
  let closed = await nearestExisting(dirname(dataDir));
  while (dirname(closed) !== closed && !(await canReach(dirname(closed), user))) closed = dirname(closed);
  const message = `PostgreSQL runs as ${user.name}, who may not pass through ${closed} to ${dataDir}; choose a folder elsewhere, or run: chmod a+x ${closed}`;
  return new EmbeddedPostgresError("DATA_DIR_UNREACHABLE", message);
}

function notWritable(dataDir: string, cause: unknown): EmbeddedPostgresError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Cannot use the data folder ${dataDir} as user ${process.getuid?.() ?? ""} (${reason}); choose another, or run as its owner`;
  return new EmbeddedPostgresError("DATA_DIR_NOT_WRITABLE", message, { cause });
}
