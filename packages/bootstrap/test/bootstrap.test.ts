import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isAtLeast } from "../bin/require-node.mjs";
import { eventually, spawnNode } from "@xtrace/testkit";

const ROOT = join(import.meta.dirname, "../../..");
const COPIED = ["packages/bootstrap/bin", "apps/standalone/bin"];

/** Stands for pnpm: writes down what it was asked for; a build copies the source, or fails if that says so. */
const FAKE_PNPM = `#!/bin/sh
echo "$1" >> calls.txt
sleep 0.2
case "$1" in
  install) mkdir -p node_modules apps/standalone/node_modules ;;
  run)
    if grep -q BROKEN apps/standalone/src/main.js; then echo "main.js(1,1): error: it is broken"; exit 2; fi
    mkdir -p apps/standalone/dist && cp apps/standalone/src/main.js apps/standalone/dist/main.js ;;
esac
`;

const MAIN = `
let signals = 0;
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => {
  console.log(name, ++signals);
  if (signals === 1) setTimeout(() => { console.log("drained"); process.exit(5); }, 400);
});
setInterval(() => {}, 1000);
console.log("main is up", process.pid);
`;

/** A clone in small, with a pnpm that does nothing. */
async function setup() {
  const root = await mkdtemp(join(tmpdir(), "xtrace-bootstrap-"));
  const write = async (path: string, text: string) => {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const manifest = { type: "module", engines: { node: ">=20.20" }, packageManager: "pnpm@1.2.3" };
  await write("package.json", JSON.stringify(manifest));
  await write("pnpm-lock.yaml", "lock: 1\n");
  const exports = { ".": { default: "./dist/main.js" } };
  await write("apps/standalone/package.json", JSON.stringify({ exports, dependencies: { any: "1" } }));
  await write("apps/standalone/src/main.js", MAIN);
  await write(".tools/node_modules/pnpm/package.json", JSON.stringify({ version: "1.2.3" }));
  await write(".tools/node_modules/.bin/pnpm", FAKE_PNPM);
  await chmod(join(root, ".tools/node_modules/.bin/pnpm"), 0o755);
  for (const dir of COPIED) await cp(join(ROOT, dir), join(root, dir), { recursive: true });
  return {
    root,
    write,
    start: (env: Record<string, string> = {}) =>
      spawnNode(join(root, "apps/standalone/bin/start.mjs"), { env, cwd: root }),
    calls: async () => (await readFile(join(root, "calls.txt"), "utf8").catch(() => "")).trim().split("\n"),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}

test("installs and builds at the first start, and later only what has changed", async () => {
  await using clone = await setup();
  const startAndStop = async () => {
    await using started = clone.start();
    await started.waitForLine(/main is up/);
    expect(await started.stop()).toBe(5);
    return started.lines;
  };
  const lines = await startAndStop();
  expect(lines[0]).toMatch(/^xtrace: installing dependencies … \d+\.\d s$/);
  expect(lines[1]).toMatch(/^xtrace: building … \d+\.\d s$/);
  expect(await clone.calls()).toEqual(["install", "run"]);

  expect((await startAndStop())[0]).toMatch(/^main is up/);
  expect(await clone.calls()).toEqual(["install", "run"]);

  await clone.write("apps/standalone/src/main.js", `${MAIN}\n// changed`);
  await startAndStop();
  expect(await clone.calls()).toEqual(["install", "run", "run"]);

  await clone.write("pnpm-lock.yaml", "lock: 2\n");
  await startAndStop();
  expect(await clone.calls()).toEqual(["install", "run", "run", "install", "run"]);

  await rm(join(clone.root, "apps/standalone/dist"), { recursive: true });
  await startAndStop();
  expect((await clone.calls()).slice(5)).toEqual(["run"]);
});

test("shows all that a failed step printed, and tries it again at the next start", async () => {
  await using clone = await setup();
  await clone.write("apps/standalone/src/main.js", "BROKEN");
  for (let round = 0; round < 2; round++) {
    const failed = clone.start();
    expect(await failed.exited).toEqual({ code: 1, signal: null });
    expect(failed.lines).toContain("main.js(1,1): error: it is broken");
    expect(failed.lines.at(-1)).toBe("xtrace: `pnpm run build` failed with exit code 2");
  }
  expect(await clone.calls()).toEqual(["install", "run", "run"]);
});

test("of two starts at once one does the work and the other waits for it", async () => {
  await using clone = await setup();
  const [first, second] = [clone.start(), clone.start()];
  await Promise.all([first.waitForLine(/main is up/), second.waitForLine(/main is up/)]);
  expect(await clone.calls()).toEqual(["install", "run"]);
  expect([...first.lines, ...second.lines].filter((line) => line.includes("waiting for another start"))).toHaveLength(
    1,
  );
  expect(await Promise.all([first.stop(), second.stop()])).toEqual([5, 5]);
});

test("takes the lock of a killed start", async () => {
  await using clone = await setup();
  const killed = clone.start();
  await eventually(async () => expect(await clone.calls()).toEqual(["install"]));
  await killed.stop("SIGKILL");
  await using next = clone.start();
  await next.waitForLine(/main is up/, 5_000);
});

test("passes one signal on, however often it arrives at once, and the exit code back", async () => {
  await using clone = await setup();
  const started = clone.start();
  await started.waitForLine(/main is up/);
  for (let count = 0; count < 3; count++) process.kill(started.pid, "SIGINT");
  expect(await started.exited).toEqual({ code: 5, signal: null });
  expect(started.lines.slice(-2)).toEqual(["SIGINT 1", "drained"]);
});

test("the program ends as if signalled if the start is killed, or if the shell of npm is", async () => {
  await using clone = await setup();
  const killed = clone.start();
  await killed.waitForLine(/main is up/);
  process.kill(killed.pid, "SIGKILL");
  expect(await killed.exited).toEqual({ code: null, signal: "SIGKILL" });
  await eventually(() => expect(killed.lines.slice(-2)).toEqual(["SIGTERM 1", "drained"]));

  // A shell in between, as npm has it, that is killed without a word to its child.
  await clone.write(
    "shell.mjs",
    `
    import { spawn } from "node:child_process";
    const args = ["-c", '"$0" apps/standalone/bin/start.mjs; true', process.execPath];
    const shell = spawn("sh", args, { stdio: "inherit", env: { ...process.env, npm_lifecycle_event: "start" } });
    process.once("SIGTERM", () => shell.kill("SIGTERM"));
  `,
  );
  const npm = spawnNode(join(clone.root, "shell.mjs"), { cwd: clone.root });
  await npm.waitForLine(/main is up/);
  process.kill(npm.pid, "SIGTERM");
  await eventually(() => expect(npm.lines.slice(-2)).toEqual(["SIGTERM 1", "drained"]));
});

test("says in one line that Node is too old", async () => {
  await using clone = await setup();
  await clone.write("package.json", JSON.stringify({ type: "module", engines: { node: ">=99.1" } }));
  const refused = clone.start();
  expect(await refused.exited).toEqual({ code: 1, signal: null });
  expect(refused.lines).toEqual([expect.stringMatching(/^xtrace needs Node >=99\.1 and this is \d+\.\d+\.\d+; see /)]);
});

test("compares versions by number", () => {
  expect(isAtLeast("20.20.0", ">=20.20")).toBe(true);
  expect(isAtLeast("20.9.5", ">=20.20")).toBe(false);
  expect(isAtLeast("22.0.0", ">=20.20")).toBe(true);
  expect(isAtLeast("18.20.8", ">=20.20")).toBe(false);
});
