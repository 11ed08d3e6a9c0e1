import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, freePort, spawnNode } from "../src/index.ts";

let dir = "";
let scripts = 0;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "xtrace-testkit-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function script(text: string, extension = "mjs"): Promise<string> {
  const path = join(dir, `script-${++scripts}.${extension}`);
  await writeFile(path, text);
  return path;
}

test("freePort names a port that can be listened on", async () => {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  expect(server.address()).toMatchObject({ port });
  server.close();
});

test("freePort names none that the system gives to an outgoing connection", async () => {
  const range = await readFile("/proc/sys/net/ipv4/ip_local_port_range", "utf8").catch(() => "32768 60999");
  const [first = 0, last = 65_535] = range.trim().split(/\s+/).map(Number);
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(ports.filter((port) => first <= port && port <= last)).toEqual([]);
});

test("eventually returns what held at last, and else fails with the last failure", async () => {
  let calls = 0;
  const value = await eventually(
    () => {
      if (++calls < 3) throw new Error(`call ${calls}`);
      return calls;
    },
    { intervalMs: 1 },
  );
  expect(value).toBe(3);
  const never = () => Promise.reject(new Error("still not"));
  await expect(eventually(never, { timeoutMs: 20, intervalMs: 1 })).rejects.toThrow("still not");
});

test("spawnNode collects lines, passes the environment and nothing of the runner's, and stops with the exit code", async () => {
  const entry = await script(`
    process.once("SIGTERM", () => { console.log("bye"); process.exit(3); });
    console.log("mode", process.env.MODE, process.env.VITEST, ...process.argv.slice(2));
    console.error("an error");
    setInterval(() => {}, 1000);
  `);
  await using child = spawnNode(entry, { env: { MODE: "x" }, args: ["an argument"] });
  expect(await child.waitForLine(/^mode/)).toBe("mode x undefined an argument");
  await child.waitForLine(/an error/);
  expect(await child.stop()).toBe(3);
  expect(child.lines.at(-1)).toBe("bye");
});

test("spawnNode reports a process that ends too early, with what it printed", async () => {
  await using child = spawnNode(await script(`console.log("out of luck"); process.exit(7)`));
  await expect(child.waitForLine(/ready/)).rejects.toThrow(/The process ended[^]*out of luck/);
  expect(await child.exited).toEqual({ code: 7, signal: null });
  await using silent = spawnNode(await script(`setInterval(() => {}, 1000)`));
  await expect(silent.waitForLine(/ready/, 50)).rejects.toThrow("50 ms passed");
  expect(await silent.stop("SIGKILL")).toBeNull();
});

test("spawnNode runs TypeScript", async () => {
  await using child = spawnNode(await script(`const text: string = "typed"; console.log(text);`, "mts"));
  expect(await child.waitForLine(/typed/)).toBe("typed");
});
