import { cp, lstat, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";
import { canReach, codeOf, isNotWritable, makePassableDir, SYSTEM_DIR } from "./folders.ts";
import { run } from "./run.ts";
import type { ServerUser } from "./server-user.ts";

/**
 * Copies the binaries once per version to a folder that `user` can reach, and returns that folder.
 * Safe against a second process doing the same: the copy appears in one rename.
 */
export async function copyBinaries(
  source: { readonly dir: string; readonly version: string },
  user: ServerUser | undefined,
): Promise<string> {
  const name = `postgres-${source.version}-${process.platform}-${process.arch}`;
  const tried: string[] = [];
  for (const parent of cacheDirs()) {
    const target = join(parent, name);
    tried.push(parent);
    try {
      await makePassableDir(parent);
      if (!(await isOurs(parent)) || !(await canReach(parent, user))) continue;
      if (!(await canReach(join(target, "bin"), user))) await copyTo(target, source.dir);
      return target;
    } catch (error) {
      if (!isNotWritable(error)) throw error;
    }
  }
  const message = `The PostgreSQL binaries in ${source.dir} are closed to ${user?.name ?? "this user"} and cannot be copied to ${tried.join(" or ")}`;
  throw new EmbeddedPostgresError("BINARIES_UNUSABLE", message);
}

function cacheDirs(): string[] {
  const uid = process.getuid?.() ?? 0;
  return [uid === 0 ? SYSTEM_DIR : join(homedir(), ".cache", "xtrace"), join(tmpdir(), `xtrace-${uid}`)];
}

/** Whoever else may write to the folder decides what we run; the one in the shared temporary folder may be a trap. */
async function isOurs(dir: string): Promise<boolean> {
  const found = await lstat(dir);
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

async function copyTo(target: string, source: string): Promise<void> {
  const stage = `${target}.${process.pid}`;
  try {
    await cp(source, stage, { recursive: true, verbatimSymlinks: true });
    // The source may come from an installation under a closed umask, or from an archive without modes.
    await run("chmod", ["-R", "a+rX,go-w", stage]);
    await run("chmod", ["-R", "a+x", join(stage, "bin")]);
    await rename(stage, target);
  } catch (error) {
    if (codeOf(error) !== "ENOTEMPTY" && codeOf(error) !== "EEXIST") throw error;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
