import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { run } from "./run.ts";
import type { ServerUser } from "./server-user.ts";

/** Where data and copied binaries go that root cannot keep where it is. */
export const SYSTEM_DIR = "/var/lib/xtrace";

/**
 * Whether `user` can pass through the folder and all above it. Asked of the system rather than
 * computed from mode bits, since access lists and name spaces decide too.
 */
export async function canReach(dir: string, user: ServerUser | undefined): Promise<boolean> {
  const { code } = await run("/bin/sh", ["-c", '[ -x "$1" ]', "sh", dir], { user });
  return code === 0;
}

/** The folder itself if it exists, else the closest one above it that does. */
export async function nearestExisting(dir: string): Promise<string> {
  const isDirectory = await stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const parent = dirname(dir);
  return isDirectory || parent === dir ? dir : await nearestExisting(parent);
}

/**
 * `mkdir -p`, but others may pass through the new folders whatever the umask is. Step by step, since
 * Node 20's recursive `mkdir` never returns where the system denies that a parent exists (`/proc`).
 */
export async function makePassableDir(dir: string): Promise<void> {
  if ((await nearestExisting(dir)) === dir) return;
  if (dirname(dir) !== dir) await makePassableDir(dirname(dir));
  try {
    await mkdir(dir);
    await chmod(dir, 0o755);
  } catch (error) {
    // Unless another start was faster.
    if ((await nearestExisting(dir)) !== dir) throw error;
  }
}

/** The system's code of an error, such as `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** The error codes of a file system that will not let us write. */
export function isNotWritable(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(code);
}
