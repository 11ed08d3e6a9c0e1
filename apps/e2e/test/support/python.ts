// oxlint-disable-next-line no-restricted-imports -- it runs clients.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Json } from "./api.ts";
import { filledOnce } from "./tool-cache.ts";

const run = promisify(execFile);
const SCRIPTS = fileURLToPath(new URL("../clients/python/", import.meta.url));
const INSTALL_TIMEOUT_MS = 10 * 60_000;
const RUN_TIMEOUT_MS = 120_000;

export type Python = {
  /** Runs a script of `test/clients/python` and gives the JSON that it prints. */
  run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Json>;
};

/**
 * A Python with just these packages of PyPI, `name==version` each, installed once and kept. `undefined`, and the reason
 * printed, where there is no python3 or no PyPI.
 */
export async function pythonWith(packages: readonly string[]): Promise<Python | undefined> {
  const key = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 8);
  try {
    const { stdout } = await run("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
    const folder = await filledOnce(`python-${stdout.trim()}-${packages[0]}-${key}`, (venv) => install(venv, packages));
    return { run: (script, args, env) => runScript(join(folder, "bin/python"), script, args, env) };
  } catch (error) {
    console.warn(`skipped, as ${packages[0]} cannot be had: ${(error as Error).message.slice(0, 300)}`);
    return undefined;
  }
}

async function install(venv: string, packages: readonly string[]): Promise<void> {
  const options = { timeout: INSTALL_TIMEOUT_MS };
  await run("python3", ["-m", "venv", venv], options);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"];
  await run(join(venv, "bin/python"), [...pip, ...packages], options);
}

async function runScript(
  python: string,
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Json> {
  const { stdout } = await run(python, [join(SCRIPTS, script), ...args], {
    timeout: RUN_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", ...env },
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n") + 1));
}
