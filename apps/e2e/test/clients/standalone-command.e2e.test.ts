// oxlint-disable-next-line no-restricted-imports -- it runs what the banner prints.
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually, type NodeProcess } from "@xtrace/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApp } from "../../src/app-process.ts";
import { urlIn } from "../../src/standalone-system.ts";

const run = promisify(execFile);

/* The command a newcomer types: no settings but a folder, over the embedded PostgreSQL. */
describe("the standalone command", () => {
  let home: string;
  let dataDir: string;
  const running: NodeProcess[] = [];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "xtrace-e2e-"));
    // An embedded PostgreSQL may have to run as another user, who has to get here.
    await chmod(home, 0o755);
    dataDir = join(home, "data");
  });
  afterAll(async () => {
    await Promise.all(running.map((process) => process.stop()));
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });

  function start(env: Readonly<Record<string, string>>): NodeProcess {
    const process = startApp("standalone", { BIND_ADDR: "127.0.0.1:0", ...env });
    running.push(process);
    return process;
  }

  async function startReady(): Promise<{ process: NodeProcess; banner: string; url: string; startedInMs: number }> {
    const startedAt = performance.now();
    const process = start({ XTRACE_DATA_DIR: dataDir });
    await process.waitForLine(/api\/public\/traces\/first-trace/, 60_000);
    const startedInMs = performance.now() - startedAt;
    const banner = process.lines.join("\n");
    return { process, banner, url: urlIn(banner), startedInMs };
  }

  test("first start, the printed commands, Ctrl-C, second start", async () => {
    const first = await startReady();
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const keysOf = (banner: string) => /Public key.*\n.*Secret key.*\n.*Bearer token.*/.exec(banner)?.[0];
    expect(keysOf(first.banner)).toMatch(/pk-lf-\S+\n.*sk-lf-\S+\n.*Bearer token +\S{20,}/);
    expect(first.banner).toContain(dataDir);

    // "Ready" holds for the first client, and for many at once.
    const bearer = /Bearer token +(\S+)/.exec(first.banner)?.[1] ?? "";
    const headers = { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" };
    const writeTraces = async (ids: readonly string[]) => {
      const body = (id: string) => JSON.stringify({ trace: { id } });
      const send = (id: string) => fetch(`${first.url}/v1/l/batch`, { method: "POST", headers, body: body(id) });
      return (await Promise.all(ids.map(send))).map(({ status }) => status);
    };
    const early = Array.from({ length: 20 }, (_, index) => `early-${index}`);
    expect(await writeTraces(early)).toEqual(early.map(() => 200));

    // Pasted as printed, all at once.
    const { stdout } = await run("sh", ["-c", pastedCommands(first.banner)]);
    const [written, read] = stdout.split(/(?<=\})(?=\{)/).map((text) => JSON.parse(text) as unknown);
    expect(written).toMatchObject({ message: "Request Successful." });
    expect(read).toMatchObject({ id: "first-trace", name: "hello", observations: [{ id: "first-step" }] });

    // What is accepted just before Ctrl-C is stored.
    const late = Array.from({ length: 20 }, (_, index) => `late-${index}`);
    expect(await writeTraces(late)).toEqual(late.map(() => 200));
    expect(await first.process.stop("SIGINT", 30_000)).toBe(0);
    expect(first.process.lines.join("\n")).not.toMatch(/"level":(50|60)/);

    const second = await startReady();
    expect(second.startedInMs).toBeLessThan(10_000);
    expect(keysOf(second.banner)).toBe(keysOf(first.banner));
    const expected = ["first-trace", ...early, ...late].toSorted();
    await eventually(
      async () => {
        const list = await fetch(`${second.url}/api/public/traces?limit=100`, { headers });
        const { data } = (await list.json()) as { data: Array<{ id: string }> };
        expect(data.map(({ id }) => id).toSorted()).toEqual(expected);
      },
      { timeoutMs: 90_000 },
    );
    console.log(
      `standalone starts: first ${Math.round(first.startedInMs)} ms, second ${Math.round(second.startedInMs)} ms`,
    );

    // While it runs: the port is taken, and so is the folder.
    const onBusyPort = start({ BIND_ADDR: new URL(second.url).host, XTRACE_DATA_DIR: join(home, "other") });
    expect(await endOf(onBusyPort)).toEqual(oneLine(/in use/));
    expect(await readdir(home)).not.toContain("other");
    expect(await endOf(start({ XTRACE_DATA_DIR: dataDir }))).toEqual(oneLine(/data/));
    expect(await second.process.stop("SIGINT", 30_000)).toBe(0);
  }, 180_000);

  test("a data folder that is a file", async () => {
    const path = join(home, "file");
    await writeFile(path, "");
    expect(await endOf(start({ XTRACE_DATA_DIR: path }))).toEqual(oneLine(/file/));
  });

  test("a data folder below a file", async () => {
    const path = join(home, "blocker");
    await writeFile(path, "");
    expect(await endOf(start({ XTRACE_DATA_DIR: join(path, "data") }))).toEqual(oneLine(/blocker/));
  });

  test("a data folder on a read-only file system", async () => {
    expect(await endOf(start({ XTRACE_DATA_DIR: "/proc/xtrace-data" }))).toEqual(oneLine(/\/proc\/xtrace-data/));
  });

  test("a data folder whose database is damaged", async () => {
    const broken = join(home, "broken");
    await mkdir(broken);
    await copyDamaged(dataDir, broken);
    expect(await endOf(start({ XTRACE_DATA_DIR: broken }), 90_000)).toEqual(oneLine(/broken/));
  }, 120_000);

  test("damaged keys", async () => {
    const keysFile = join(dataDir, "keys.json");
    const keys = await readFile(keysFile, "utf8");
    await writeFile(keysFile, "{");
    expect(await endOf(start({ XTRACE_DATA_DIR: dataDir }), 60_000)).toEqual(oneLine(/keys\.json.*damaged/));
    await writeFile(keysFile, keys);
  }, 90_000);

  test("settings that make no sense", async () => {
    expect(await endOf(start({ BIND_ADDR: "nowhere", XTRACE_DATA_DIR: dataDir }))).toEqual(oneLine(/host:port/));
    expect(await endOf(start({ RATE_LIMIT_QPS: "-1", XTRACE_DATA_DIR: dataDir }))).toEqual(oneLine(/RATE_LIMIT_QPS/));
  });
});

/** The commands of the banner, as somebody copies them. */
function pastedCommands(banner: string): string {
  return banner.slice(banner.indexOf("  curl"));
}

/** Of a process that ends by itself. */
async function endOf(process: NodeProcess, timeoutMs = 30_000) {
  const timer = setTimeout(() => void process.stop("SIGKILL"), timeoutMs);
  const { code } = await process.exited.finally(() => clearTimeout(timer));
  return { code, lines: process.lines };
}

/** It says why in one line that a person understands, and nothing else. */
function oneLine(reason: RegExp) {
  return { code: 2, lines: [expect.stringMatching(reason)] };
}

/** A copy of a stopped data folder, with a control file that is cut short. */
async function copyDamaged(from: string, to: string): Promise<void> {
  await run("cp", ["-a", `${from}/.`, to]);
  const { stdout } = await run("find", [to, "-name", "pg_control"]);
  await writeFile(stdout.trim(), "damaged");
}
