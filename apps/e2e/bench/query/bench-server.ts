import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@xtrace/embedded-postgres";
import postgres from "postgres";
import type { BenchOptions } from "./options.ts";

export type BenchServer = AsyncDisposable & {
  /** The url of a database, which is made unless it is there. `isNew` tells whether it has to be filled. */
  database(name: string): Promise<{ readonly url: string; readonly isNew: boolean }>;
  readonly settings: Readonly<Record<string, string>>;
};

/** Of a server that has a machine to itself; fsync stays on. */
const SETTINGS = { shared_buffers: "1GB", max_wal_size: "8GB" };

/**
 * A PostgreSQL with its data on disk. The databases that were made here are removed in the end, unless they are to be kept; a folder
 * that was named stays, whatever else is in it.
 */
export async function openBenchServer(options: BenchOptions): Promise<BenchServer> {
  const { postgresUrl, keep, reuse } = options;
  const embedded = postgresUrl === undefined ? await startEmbedded(options.dataDir) : undefined;
  const adminUrl = postgresUrl ?? embedded?.server.url ?? "";
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  const made: string[] = [];

  return {
    settings: await settingsOf(admin),
    async database(name) {
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      const [found] = await admin`select 1 from pg_database where datname = ${name}`;
      if (found && reuse) return { url: url.href, isNew: false };
      await admin`drop database if exists ${admin(name)} with (force)`;
      await admin`create database ${admin(name)}`;
      made.push(name);
      return { url: url.href, isNew: true };
    },
    async [Symbol.asyncDispose]() {
      if (!keep) {
        for (const name of made) await admin`drop database if exists ${admin(name)} with (force)`;
      }
      await admin.end({ timeout: 5 });
      await embedded?.server.stop();
      if (!keep && embedded?.isTemporary) await rm(embedded.dataDir, { recursive: true, force: true });
    },
  };
}

async function startEmbedded(ownDir: string | undefined) {
  const dataDir = ownDir ?? (await mkdtemp(join(tmpdir(), "xtrace-bench-")));
  const isTemporary = ownDir === undefined;
  return {
    dataDir,
    isTemporary,
    server: await startEmbeddedPostgres({ dataDir, database: "postgres", settings: SETTINGS }),
  };
}

async function settingsOf(admin: postgres.Sql): Promise<Record<string, string>> {
  const rows = await admin<Array<{ name: string; setting: string }>>`
    select name, current_setting(name) as setting from pg_settings
    where name in ('server_version', 'shared_buffers', 'work_mem', 'effective_cache_size', 'random_page_cost', 'jit',
      'max_parallel_workers_per_gather', 'fsync', 'plan_cache_mode')`;
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}
