import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import type { Sql } from "postgres";

/** What the figures were measured on. */
export async function describeMachine(sql: Sql) {
  const [row] = await sql<Array<{ version: string }>>`SELECT current_setting('server_version') AS version`;
  return {
    commit: commandOutput("git", ["describe", "--always", "--dirty", "--abbrev=12"]),
    measuredAt: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
    postgres: row?.version ?? "unknown",
    redis: /v=([\d.]+)/.exec(commandOutput("redis-server", ["--version"]))?.[1] ?? "unknown",
  };
}

const SETTINGS = [
  "shared_buffers",
  "max_wal_size",
  "checkpoint_timeout",
  "wal_compression",
  "fsync",
  "synchronous_commit",
  "full_page_writes",
  "wal_level",
] as const;

/** As the server has them, whoever set them. */
export async function describePostgresSettings(sql: Sql): Promise<Record<string, string>> {
  const rows = await sql<Array<{ name: string; value: string }>>`
    SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY(${[...SETTINGS]})`;
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

function commandOutput(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8" }).trim();
}
