import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Package
 * @property {string} dir
 * @property {boolean} hasDependencies
 * @property {string[]} outputs The built files that its `exports` name.
 */

/**
 * @param {string} root
 * @returns {Package[]}
 */
export function listPackages(root) {
  return ["apps", "packages"].flatMap((group) =>
    namesIn(join(root, group)).flatMap((name) => {
      const dir = join(root, group, name);
      const text = readText(join(dir, "package.json"));
      if (text === "") return [];
      const { dependencies = {}, devDependencies = {}, exports = {} } = JSON.parse(text);
      const hasDependencies = Object.keys({ ...dependencies, ...devDependencies }).length > 0;
      const outputs = Object.values(exports).flatMap((target) => (target?.default ? [join(dir, target.default)] : []));
      return [{ dir, hasDependencies, outputs }];
    }),
  );
}

/**
 * What the installed dependencies depend on: what is asked for, and the platform of native ones.
 *
 * @param {string} root
 */
export function installKey(root) {
  const hash = createHash("sha256").update(`${process.versions.modules} ${process.platform} ${process.arch}\n`);
  const manifests = [root, ...listPackages(root).map(({ dir }) => dir)].map((dir) => join(dir, "package.json"));
  for (const path of [...manifests, ...["pnpm-lock.yaml", "pnpm-workspace.yaml"].map((name) => join(root, name))]) {
    hash.update(`${path.slice(root.length)}\n${readText(path)}\n`);
  }
  return hash.digest("hex");
}

/**
 * What the built files depend on. Sizes and times rather than contents, for a quick answer: Turbo
 * compares contents if this one changes.
 *
 * @param {string} root
 */
export function buildKey(root) {
  const hash = createHash("sha256").update(installKey(root));
  /** @param {string} path */
  const add = (path) => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path.slice(root.length)} ${size} ${mtimeMs}\n`);
  };
  for (const dir of [root, ...listPackages(root).map((each) => each.dir)]) {
    for (const name of namesIn(dir)) if (/^(tsconfig.*|turbo)\.json$/.test(name)) add(join(dir, name));
    if (dir !== root) filesBelow(join(dir, "src")).forEach(add);
  }
  return hash.digest("hex");
}

/**
 * @param {string} path
 * @returns {string | undefined}
 */
export function readStamp(path) {
  return readText(path) || undefined;
}

/**
 * @param {string} dir
 * @returns {string[]}
 */
function filesBelow(dir) {
  return entriesIn(dir).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** @param {string} dir */
function namesIn(dir) {
  return entriesIn(dir).map((entry) => entry.name);
}

/** Sorted, and empty for a folder that does not exist. @param {string} dir */
function entriesIn(dir) {
  try {
    return readdirSync(dir, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
