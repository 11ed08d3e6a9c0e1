import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { findPnpm } from "./pnpm.mjs";
import { buildKey, installKey, listPackages, readStamp } from "./stamps.mjs";
import { step, StepError } from "./step.mjs";

/**
 * Installs the dependencies and builds the packages of a clone, as far as they are missing or out of
 * date. Needs nothing but Node and npm; when all is there it only reads files.
 *
 * @param {string} root
 * @param {{ build: boolean }} options
 * @returns {Promise<boolean>} `false` if it failed, which it has told the user by then
 */
export async function bootstrap(root, { build }) {
  try {
    if (isInstalled(root) && (!build || isBuilt(root))) return true;
    await withLock(join(root, ".tools", "lock"), async () => {
      // The one we waited for may have done it.
      const env = isInstalled(root) ? undefined : await install(root);
      if (build && !isBuilt(root)) await buildAll(root, env ?? (await findPnpm(root)));
    });
    return true;
  } catch (error) {
    console.error(messageOf(error, root));
    return false;
  }
}

/** @param {string} root */
const installStamp = (root) => join(root, "node_modules", ".xtrace-install-stamp");
/** @param {string} root */
const buildStamp = (root) => join(root, "node_modules", ".xtrace-build-stamp");

/** @param {string} root */
function isInstalled(root) {
  if (readStamp(installStamp(root)) !== installKey(root)) return false;
  return listPackages(root).every(
    ({ dir, hasDependencies }) => !hasDependencies || existsSync(join(dir, "node_modules")),
  );
}

/** @param {string} root */
function isBuilt(root) {
  if (readStamp(buildStamp(root)) !== buildKey(root)) return false;
  return listPackages(root).every(({ outputs }) => outputs.every(existsSync));
}

/** @param {string} root */
async function install(root) {
  const env = await findPnpm(root);
  const key = installKey(root);
  await rm(installStamp(root), { force: true });
  // With development dependencies even in production, since the compiler is one, and without asking before it cleans up.
  const args = ["install", "--frozen-lockfile", "--prod=false", "--config.confirmModulesPurge=false"];
  await step("installing dependencies", "pnpm", args, { cwd: root, env });
  await writeFile(installStamp(root), key);
  return env;
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
async function buildAll(root, env) {
  // Taken before: what changes meanwhile is built next time.
  const key = buildKey(root);
  await rm(buildStamp(root), { force: true });
  await step("building", "pnpm", ["run", "build"], { cwd: root, env: { ...env, TURBO_TELEMETRY_DISABLED: "1" } });
  await writeFile(buildStamp(root), key);
}

/**
 * @param {unknown} error
 * @param {string} root
 */
function messageOf(error, root) {
  if (error instanceof StepError) return error.message;
  const { code, path } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code === "EACCES" || code === "EROFS" || code === "EPERM") {
    return `xtrace cannot write to ${path ?? root}; give this user the folder, or clone it anew as this user`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
