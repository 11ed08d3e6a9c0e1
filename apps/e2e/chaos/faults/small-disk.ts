import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { chmod, mkdtemp, open, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own in memory, that can be filled to the last byte and emptied again. */
export type SmallDisk = { readonly dir: string; remove(): Promise<void> };

/** Why no file system can be mounted here, if so. */
export function whyNoSmallDisk(): string | undefined {
  const dir = mkdtempSync(join(tmpdir(), "xtrace-chaos-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]);
  if (status === 0) spawnSync("umount", [dir]);
  rmSync(dir, { recursive: true, force: true });
  return status === 0 ? undefined : "needs the right to mount a tmpfs, as root on a machine of one's own has";
}

export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const dir = await mkdtemp(join(tmpdir(), "xtrace-chaos-disk-"));
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", dir]);
  if (status !== 0) throw new Error(`Cannot mount a tmpfs: ${String(stderr)}`);
  // PostgreSQL's user has to pass through.
  await chmod(dir, 0o755);
  return {
    dir,
    async remove() {
      spawnSync("umount", ["--lazy", dir]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const BALLAST = "ballast";
const CHUNK_BYTES = 64 * 1024;

/** Leaves no room; whoever frees some meanwhile loses it at the next call. */
export async function fillDisk(dir: string): Promise<void> {
  const file = await open(join(dir, BALLAST), "a");
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    while ((await statfs(dir)).bavail > 0) await file.write(chunk);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    await file.close();
  }
}

export async function freeDisk(dir: string): Promise<void> {
  await rm(join(dir, BALLAST), { force: true });
}
