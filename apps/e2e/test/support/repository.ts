// oxlint-disable-next-line no-restricted-imports -- it runs git.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

/** What a clone would have plus what is new and not ignored, relative to the root. */
export function sourceFiles(): string[] {
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 } as const;
  const output = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], options);
  return output.split("\0").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}
