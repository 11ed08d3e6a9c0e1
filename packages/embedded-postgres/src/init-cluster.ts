import { randomBytes } from "node:crypto";
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries.ts";
import { broken, clusterDirOf, STAGE } from "./data-dir.ts";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { codeOf } from "./folders.ts";
import { run } from "./run.ts";
import type { ServerUser } from "./server-user.ts";

export const SUPERUSER = "xtrace";

const PASSWORD_FILE = "xtrace-password";

/**
 * Makes the cluster of an empty data folder, with a random password. A crash leaves no half-made
 * cluster behind, and of two processes that do it at once one cluster stays.
 */
export async function initCluster(options: {
  readonly binaries: Binaries;
  readonly dataDir: string;
  readonly user: ServerUser | undefined;
  /** `false`: do not flush to the disk, for a cluster that is thrown away. */
  readonly sync: boolean;
}): Promise<void> {
  const { binaries, dataDir, user, sync } = options;
  await removeStages(dataDir);
  const suffix = `${process.pid}-${randomBytes(4).toString("hex")}`;
  const stage = join(dataDir, `pgdata-new-${suffix}`);
  const passwordFile = join(dataDir, `password-new-${suffix}`);
  try {
    await writeFile(passwordFile, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    await mkdir(stage, { mode: 0o700 });
    if (user) await Promise.all([passwordFile, stage].map((path) => chown(path, user.uid, user.gid)));

    const args = [...INITDB_ARGS, ...(sync ? [] : ["--no-sync"]), `--pwfile=${passwordFile}`, `--pgdata=${stage}`];
    const { code, output, error } = await run(binaries.initdb, args, { user });
    if (code !== 0) throw initFailed(dataDir, output, error);

    await rename(passwordFile, join(stage, PASSWORD_FILE));
    await rename(stage, clusterDirOf(dataDir)).catch((cause: unknown) => {
      if (codeOf(cause) !== "ENOTEMPTY" && codeOf(cause) !== "EEXIST") throw cause;
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

/** Text sorts by code point and folds case by Unicode, on every machine alike: no system locale is involved. */
const INITDB_ARGS = [
  `--username=${SUPERUSER}`,
  "--auth=scram-sha-256",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--no-instructions",
] as const;

/** What crashed runs left. A stage whose process lives is another start's. */
async function removeStages(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const pid = STAGE.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function initFailed(dataDir: string, output: string, cause: unknown): EmbeddedPostgresError {
  const lines = output.trim().split("\n");
  const reason = lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1) ?? "";
  const message = `Cannot make a database in ${dataDir}: ${cause instanceof Error ? cause.message : reason}`;
  return new EmbeddedPostgresError("INIT_FAILED", message, { cause });
}

export async function readPassword(clusterDir: string): Promise<string> {
  const path = join(clusterDir, PASSWORD_FILE);
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    throw broken(`${path} with the database's password cannot be read; restore it from a backup`, cause);
  }
}
