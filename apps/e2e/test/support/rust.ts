// oxlint-disable-next-line no-restricted-imports -- it runs clients.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Json } from "./api.ts";
import { filledOnce } from "./tool-cache.ts";

const run = promisify(execFile);
const CRATE = fileURLToPath(new URL("../clients/rust/", import.meta.url));
const SOURCES = ["Cargo.toml", "Cargo.lock", "src/main.rs"];
const BUILD_TIMEOUT_MS = 15 * 60_000;
const RUN_TIMEOUT_MS = 120_000;

/** Runs the program of `test/clients/rust` and gives the JSON that it prints. */
export type RustProgram = (args: readonly string[]) => Promise<Json>;

/** Built once and kept. `undefined`, and the reason printed, where there is no cargo or no crates.io. */
export async function rustProgram(): Promise<RustProgram | undefined> {
  const hash = createHash("sha256");
  for (const source of SOURCES) hash.update(await readFile(join(CRATE, source)));
  try {
    await run("cargo", ["--version"]);
    const target = await filledOnce(`rust-${hash.digest("hex").slice(0, 8)}`, async (folder) => {
      const args = [
        "build",
        "--locked",
        "--quiet",
        "--manifest-path",
        join(CRATE, "Cargo.toml"),
        "--target-dir",
        folder,
      ];
      await run("cargo", args, { timeout: BUILD_TIMEOUT_MS });
    });
    return async (args) => {
      const { stdout } = await run(join(target, "debug/xtrace-client-test"), args, { timeout: RUN_TIMEOUT_MS });
      return JSON.parse(stdout);
    };
  } catch (error) {
    console.warn(`skipped, as the Rust client cannot be had: ${(error as Error).message.slice(0, 300)}`);
    return undefined;
  }
}
