import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { identify } from "../src/process-info.ts";
import { query, start, tempDir } from "./setup.ts";

/** One data folder for all tests, since making a cluster takes as long as all the rest. */
let dir: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  dir = await tempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

/** A process that runs a server and gets killed. */
async function startElsewhere(dataDir: string) {
  const args = ["--import", "tsx", "--conditions=source", join(import.meta.dirname, "start-and-wait.ts"), dataDir];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
  return {
    url,
    kill: () =>
      new Promise<void>((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

/** The system needs a moment to end a process. */
async function untilGone(pid: number): Promise<void> {
  while (await identify(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function postmasterPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, "pgdata", "postmaster.pid"), "utf8"));
}

test("stops the server that a killed process left behind, and has its data", async () => {
  const earlier = await startElsewhere(dir.path);
  await query(earlier.url, "CREATE TABLE orphaned (value int); INSERT INTO orphaned VALUES (1)");
  const orphan = await postmasterPid(dir.path);
  await earlier.kill();
  process.kill(orphan, 0);

  const lines: string[] = [];
  await using server = await start(dir.path, {
    port: Number(new URL(earlier.url).port),
    log: (line) => lines.push(line),
  });
  expect(lines[0]).toBe(`stopping PostgreSQL ${orphan}, which an earlier run left behind`);
  expect(await query(server.url, "SELECT value FROM orphaned")).toEqual([{ value: 1 }]);
});

test("leaves the server of a living process alone", async () => {
  const other = await startElsewhere(dir.path);
  try {
    await expect(start(dir.path)).rejects.toMatchObject({ code: "DATA_DIR_IN_USE" });
    expect(await query(other.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  } finally {
    const pid = await postmasterPid(dir.path);
    await other.kill();
    process.kill(pid, "SIGQUIT");
    await untilGone(pid);
  }
});

test("recovers in silence after the server itself was killed, with a session at work", async () => {
  const killed = await start(dir.path);
  await query(killed.url, "CREATE TABLE crashed (value int); INSERT INTO crashed VALUES (1)");
  const session = query(killed.url, "SELECT pg_sleep(60)").catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(killed.pid, "SIGKILL");
  await untilGone(killed.pid);
  await using server = await start(dir.path);
  expect(await query(server.url, "SELECT value FROM crashed")).toEqual([{ value: 1 }]);
  await session;
  expect(await killed.exited).toEqual({ code: null, signal: "SIGKILL" });
});

test("is not fooled by a lock file whose process id another process has now", async () => {
  await (await start(dir.path)).stop();
  // A process of the server's user would do, which PostgreSQL itself would take for a server.
  const stale = `${process.ppid}\n${dir.path}/pgdata\n1700000000\n5432\n\n127.0.0.1\n  1234567     12345\nready   \n`;
  await writeFile(join(dir.path, "pgdata", "postmaster.pid"), stale);
  await using server = await start(dir.path);
  expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  process.kill(process.ppid, 0);
});
