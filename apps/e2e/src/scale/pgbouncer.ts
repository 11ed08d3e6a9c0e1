import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "@xtrace/testkit";
import postgres from "postgres";

export const hasPgbouncer = spawnSync("pgbouncer", ["--version"]).status === 0;

export type Pgbouncer = AsyncDisposable & {
  /** The same database through the pooler, as a user would set it. */
  throughIt(databaseUrl: string): string;
  /** As by a user who does not know of it: the URL names no pooler. */
  unnamed(databaseUrl: string): string;
  /** What its console answers, such as to `SHOW POOLS`. */
  console(command: string): Promise<Array<Record<string, unknown>>>;
};

/** Fewer than the processes would open, so that connections are in fact shared. */
const POOL_SIZE = 3;

/** PgBouncer in transaction mode before the server of `databaseUrl`, otherwise with its defaults and `settings`. */
export async function startPgbouncer(
  databaseUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Pgbouncer> {
  const server = new URL(databaseUrl);
  const port = await freePort();
  const dir = await mkdtemp(join(tmpdir(), "xtrace-pgbouncer-"));
  const user = decodeURIComponent(server.username);
  await writeFile(join(dir, "users.txt"), `"${user}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(
    join(dir, "pgbouncer.ini"),
    `[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${join(dir, "users.txt")}
admin_users = ${user}
pool_mode = transaction
default_pool_size = ${POOL_SIZE}
${Object.entries(settings)
  .map(([name, value]) => `${name} = ${value}`)
  .join("\n")}
`,
  );
  // It refuses to run as root.
  const nobody = process.getuid?.() === 0 ? 65_534 : undefined;
  if (nobody !== undefined)
    for (const path of ["", "users.txt", "pgbouncer.ini"]) chownSync(join(dir, path), nobody, nobody);
  let output = "";
  const child = spawn("pgbouncer", [join(dir, "pgbouncer.ini")], {
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
    ...(nobody !== undefined && { uid: nobody, gid: nobody }),
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const stop = async () => {
    if (child.exitCode === null && child.kill("SIGKILL")) await once(child, "exit");
    await rm(dir, { recursive: true, force: true });
  };
  const urlOf = (url: string) => {
    const through = new URL(url);
    [through.hostname, through.port] = ["127.0.0.1", String(port)];
    return through;
  };
  const console = async (command: string) => {
    const sql = postgres(urlOf(databaseUrl).href, { max: 1, database: "pgbouncer", fetch_types: false });
    try {
      return [...(await sql.unsafe(command).simple())];
    } finally {
      await sql.end({ timeout: 1 });
    }
  };
  try {
    await eventually(async () => await console("SHOW VERSION"));
  } catch (cause) {
    await stop();
    throw new Error(`pgbouncer did not start:\n${output}`, { cause });
  }
  return {
    throughIt(url) {
      const through = urlOf(url);
      through.searchParams.set("pgbouncer", "true");
      return through.href;
    },
    unnamed: (url) => urlOf(url).href,
    console,
    [Symbol.asyncDispose]: stop,
  };
}
