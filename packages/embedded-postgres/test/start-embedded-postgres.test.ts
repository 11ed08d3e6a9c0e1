import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { query, start, tempDir } from "./setup.ts";

/** A data folder that most tests share, since making a cluster takes as long as all the rest. */
let shared: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  shared = await tempDir();
});
afterAll(() => shared[Symbol.asyncDispose]());

test("starts on an empty folder and keeps the data over a restart", async () => {
  await using dir = await tempDir();
  {
    await using server = await start(dir.path);
    await query(server.url, "CREATE TABLE kept (value text); INSERT INTO kept VALUES ('yes')");
  }
  await using server = await start(dir.path);
  expect(await query(server.url, "SELECT value FROM kept")).toEqual([{ value: "yes" }]);
});

test("sorts by code point, folds case by Unicode, keeps time in UTC and takes the caller's settings", async () => {
  await using server = await start(shared.path, { settings: { fsync: "off", max_connections: "37" } });
  const [row] = await query(
    server.url,
    `SELECT 'B' < 'a' AS by_code_point, lower('Ä') AS lower, current_setting('TimeZone') AS zone,
       current_setting('max_connections') AS connections, current_setting('unix_socket_directories') AS sockets`,
  );
  expect(row).toEqual({ by_code_point: true, lower: "ä", zone: "UTC", connections: "37", sockets: "" });
});

test("wants the password, and shows it to nobody else", async () => {
  await using server = await start(shared.path);
  const wrong = new URL(server.url);
  wrong.password = "guessed";
  await expect(query(wrong.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
  expect((await stat(join(shared.path, "pgdata", "xtrace-password"))).mode & 0o777).toBe(0o600);
});

test("creates the database once", async () => {
  for (let round = 0; round < 2; round++) {
    await using server = await start(shared.path, { database: "Other_1" });
    expect(await query(server.url, "SELECT current_database() AS name")).toEqual([{ name: "Other_1" }]);
  }
});

test("can be stopped twice and reports its exit", async () => {
  const server = await start(shared.path);
  await Promise.all([server.stop(), server.stop()]);
  expect(await server.exited).toEqual({ code: 0, signal: null });
});

test("names a busy port", async () => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => blocker.once("listening", resolve));
  const address = blocker.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const started = start(shared.path, { port });
  await expect(started).rejects.toMatchObject({ code: "PORT_BUSY", message: expect.stringContaining(`Port ${port}`) });
  blocker.close();
  await using server = await start(shared.path, { port });
  expect(server.port).toBe(port);
});

test("refuses a cluster that is not complete, and one that is not ours", async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "pgdata", "base"), { recursive: true });
  const message = expect.stringContaining("no PG_VERSION");
  await expect(start(dir.path)).rejects.toMatchObject({ code: "DATA_DIR_BROKEN", message });

  await using foreign = await tempDir();
  await writeFile(join(foreign.path, "PG_VERSION"), "18\n");
  await chmod(foreign.path, 0o755);
  await expect(start(foreign.path)).rejects.toMatchObject({ code: "DATA_DIR_BROKEN" });
  expect(await readdir(foreign.path)).toEqual(["PG_VERSION"]);
});

test("refuses the data of another major version", async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "pgdata"));
  await writeFile(join(dir.path, "pgdata", "PG_VERSION"), "13\n");
  await expect(start(dir.path)).rejects.toMatchObject({
    code: "DATA_DIR_WRONG_VERSION",
    message: expect.stringMatching(/belongs to PostgreSQL 13 and this is \d+;/),
  });
});

test("refuses a folder where nothing can be written", async () => {
  await using dir = await tempDir();
  await chmod(dir.path, 0o755);
  await writeFile(join(dir.path, "file"), "");
  await expect(start(join(dir.path, "file", "data"))).rejects.toMatchObject({ code: "DATA_DIR_NOT_WRITABLE" });
  // Not even root may write there.
  await expect(start("/proc/xtrace")).rejects.toMatchObject({ code: "DATA_DIR_NOT_WRITABLE" });
});

test("gives the server's last words when it does not start", async () => {
  await expect(start(shared.path, { settings: { shared_buffers: "much" } })).rejects.toMatchObject({
    code: "START_FAILED",
    message: expect.stringContaining('invalid value for parameter "shared_buffers"'),
  });
});

test("gives up after the timeout and leaves no server behind", async () => {
  await using dir = await tempDir();
  await expect(start(dir.path, { startTimeoutMs: 0 })).rejects.toMatchObject({ code: "START_TIMEOUT" });
  await expect(readFile(join(dir.path, "pgdata", "postmaster.pid"))).rejects.toMatchObject({ code: "ENOENT" });
});

test("two first starts at once make one database, and one of them says why it cannot", async () => {
  await using dir = await tempDir();
  const results = await Promise.allSettled([start(dir.path), start(dir.path)]);
  const failed = results.filter((result) => result.status === "rejected");
  for (const result of results) if (result.status === "fulfilled") await result.value.stop();
  expect(failed.map(({ reason }) => reason.code)).toEqual(["DATA_DIR_IN_USE"]);
});
