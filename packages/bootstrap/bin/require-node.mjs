// Must parse and run on any Node that knows ES modules, to tell its user what is wrong.
import { readFileSync } from "fs";

/**
 * Ends the process with one line if this Node is older than the root `package.json` asks for.
 *
 * @param {URL} rootUrl
 */
export function requireNode(rootUrl) {
  const { engines } = JSON.parse(readFileSync(new URL("package.json", rootUrl), "utf8"));
  if (isAtLeast(process.versions.node, engines.node)) return;
  console.error(
    `xtrace needs Node ${engines.node} and this is ${process.versions.node}; see https://nodejs.org/en/download`,
  );
  process.exit(1);
}

/**
 * @param {string} version such as `20.20.2`
 * @param {string} range `>=20.20`, the only form that is used here
 * @returns {boolean}
 */
export function isAtLeast(version, range) {
  const actual = version.split(".").map(Number);
  const wanted = range
    .replace(/^>=\s*/, "")
    .split(".")
    .map(Number);
  for (let index = 0; index < wanted.length; index++) {
    const [have = 0, want = 0] = [actual[index], wanted[index]];
    if (have !== want) return have > want;
  }
  return true;
}
