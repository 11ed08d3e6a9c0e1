import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { clusterDirOf } from "./data-dir.ts";
import { canReach, nearestExisting, SYSTEM_DIR } from "./folders.ts";
import { findServerUser } from "./server-user.ts";

/**
 * `preferredDir` if the user that the server will run as can reach it, else a folder below
 * `/var/lib/xtrace` that stays the same for the same `preferredDir`. They differ only for root,
 * in a place that is closed to others, such as a clone below `/root`.
 *
 * It may be the server's own data folder or the one above it.
 */
export async function defaultDataDir(preferredDir: string): Promise<string> {
  const preferred = resolve(preferredDir);
  const user = await findServerUser(await findCluster(preferred));
  if (user === undefined || (await canReach(await nearestExisting(preferred), user))) return preferred;
  const digest = createHash("sha256").update(preferred).digest("hex").slice(0, 12);
  return join(SYSTEM_DIR, `${basename(preferred).replace(/^\.+/, "")}-${digest}`);
}

/** An existing cluster decides whom the server runs as, and its owner may well reach what others cannot. */
async function findCluster(dir: string): Promise<string> {
  const names = await readdir(dir).catch(() => []);
  for (const candidate of [dir, ...names.map((name) => join(dir, name))].map(clusterDirOf)) {
    if (await stat(candidate).catch(() => undefined)) return candidate;
  }
  return clusterDirOf(dir);
}
