import { lstat, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { codeOf, isNotWritable } from "./folders.ts";

/** Paths relative to the package, both below `native`. The source is the file, the target the link. */
type Link = { readonly source: string; readonly target: string };

/**
 * Makes the links between library names that the binaries' package makes in its postinstall
 * script, which package managers skip unless told otherwise. npm packages cannot carry links.
 *
 * Returns `false` if links are missing and the folder is not writable.
 */
export async function linkLibraries(nativeDir: string): Promise<boolean> {
  const list = await readFile(join(nativeDir, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const path = join(nativeDir, relative("native", target));
    try {
      if (await isThere(path)) continue;
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      // Another start was faster.
      if (codeOf(error) === "EEXIST") continue;
      if (isNotWritable(error)) return false;
      throw error;
    }
  }
  return true;
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
