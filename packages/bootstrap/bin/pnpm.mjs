import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { run, step, StepError } from "./step.mjs";

/**
 * An environment with pnpm of exactly the version that `package.json` names on its path: the one
 * that is there, else one that npm installs into `.tools`. Turbo needs it on the path as well.
 *
 * @param {string} root
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function findPnpm(root) {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = /^pnpm@(\d+\.\d+\.\d+)/.exec(packageManager)?.[1];
  if (version === undefined) throw new StepError(`xtrace: package.json names no pnpm version: ${packageManager}`);

  const toolsDir = join(root, ".tools");
  const own = withPath(cleanEnv(), join(toolsDir, "node_modules", ".bin"));
  if (installedVersion(toolsDir) === version) return own;

  const env = withPath(cleanEnv());
  // Not from within the clone, where another pnpm would replace itself by this version before it answers.
  const found = await run("pnpm", ["--version"], { cwd: tmpdir(), env: { ...env, ...NO_COREPACK } });
  if (found.code === 0 && found.output.trim() === version) return env;

  const flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const args = ["install", "--prefix", toolsDir, ...flags, `pnpm@${version}`];
  await step(`installing pnpm ${version}`, "npm", args, { cwd: root, env });
  return own;
}

/** Corepack's stand-in for pnpm must neither download anything nor ask. */
const NO_COREPACK = { COREPACK_ENABLE_NETWORK: "0", COREPACK_ENABLE_DOWNLOAD_PROMPT: "0" };

/** @param {string} toolsDir */
function installedVersion(toolsDir) {
  const dir = join(toolsDir, "node_modules", "pnpm");
  if (!existsSync(join(toolsDir, "node_modules", ".bin", "pnpm"))) return undefined;
  return JSON.parse(readFileSync(join(dir, "package.json"), "utf8")).version;
}

/**
 * Without what `npm start` adds for its own script, which pnpm and npm would take for settings. What
 * the user has set, such as a registry, stays.
 *
 * @returns {NodeJS.ProcessEnv}
 */
function cleanEnv() {
  const added =
    /^(npm_(package|lifecycle)_|npm_(command|execpath|node_execpath)$|npm_config_((local|global)_prefix|prefix|user_agent|noproxy|node_gyp|npm_version)$|INIT_CWD$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name)));
}

/**
 * This Node first, so that every script runs with it.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} dirs
 * @returns {NodeJS.ProcessEnv}
 */
function withPath(env, ...dirs) {
  return { ...env, PATH: [...dirs, dirname(process.execPath), env["PATH"] ?? ""].join(delimiter) };
}
