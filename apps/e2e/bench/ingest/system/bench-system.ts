import { startRedisServer } from "@xtrace/testkit";
import type { Sql } from "postgres";
import { buildOrCleanUp } from "../../../src/cleanup.ts";
import { basicAuth, KEY_ENV, PROJECT_A, type ProjectKeys } from "../../../src/test-system.ts";
import type { Target } from "../load/messages.ts";
import { createBenchDatabase, type BenchDatabase } from "./bench-database.ts";
import { startApp, type StartedApp } from "./started-app.ts";
import { postmasterOf } from "./postmaster.ts";

export type ProcessName = "gateway" | "worker" | "query" | "redis" | "postgres" | "standalone";

export type BenchSystem = AsyncDisposable & {
  readonly target: Target;
  readonly queryUrl: string;
  readonly databaseUrl: string;
  readonly sql: Sql;
  /** The first process of each part; PostgreSQL's children count as PostgreSQL. */
  readonly pids: Partial<Record<ProcessName, number>>;
  /** The last lines that the apps printed, for when something went wrong. */
  lastLines(): readonly string[];
};

/** As docker-compose.yml sets it, but for the flush: once a second, where that has `always`. */
export const REDIS_ARGS = ["--appendfsync", "everysec", "--auto-aof-rewrite-min-size", "256mb"] as const;

/** Nothing is limited but by the machine. */
export const BENCH_ENV = {
  ...KEY_ENV,
  BIND_ADDR: "127.0.0.1:0",
  WORKER_HEALTH_ADDR: "127.0.0.1:0",
  RATE_LIMIT_QPS: "0",
};

/** The three processes of production over a Redis and a database of their own. */
export async function startBenchSystem(postgresUrl: string, fromSources: boolean): Promise<BenchSystem> {
  return await startSystemOver(await createBenchDatabase(postgresUrl), fromSources);
}

/**
 * The same over a database that is there, which it takes over. What is sent goes to the project of `keys`; `queryEnv` is
 * added to the query process's settings.
 */
export async function startSystemOver(
  database: BenchDatabase,
  fromSources: boolean,
  { keys = PROJECT_A, queryEnv = {} }: { keys?: ProjectKeys; queryEnv?: Readonly<Record<string, string>> } = {},
): Promise<BenchSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    cleanup.use(database);
    const redis = cleanup.use(await startRedisServer({ args: REDIS_ARGS }));
    const env = { ...BENCH_ENV, ...envOf(keys), REDIS_URL: redis.url, DATABASE_URL: database.url };
    const start = async (name: "gateway" | "worker" | "query", more = {}) => {
      const app = await startApp(name, { ...env, ...more }, fromSources);
      cleanup.use(app.process);
      return app;
    };
    const apps = {
      worker: await start("worker"),
      gateway: await start("gateway"),
      query: await start("query", queryEnv),
    };
    return await describeSystem({ database, apps, keys, redisPid: redis.pid, dispose: () => cleanup.run() });
  });
}

/** Everything in one process, with PostgreSQL as the queue. */
export async function startBenchStandalone(postgresUrl: string, fromSources: boolean): Promise<BenchSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const database = cleanup.use(await createBenchDatabase(postgresUrl));
    const standalone = await startApp("standalone", { ...BENCH_ENV, DATABASE_URL: database.url }, fromSources);
    cleanup.use(standalone.process);
    const dispose = () => cleanup.run();
    return await describeSystem({ database, apps: { standalone }, keys: PROJECT_A, dispose });
  });
}

function envOf({ projectId, publicKey, secretKey }: ProjectKeys) {
  return { DEFAULT_PROJECT_ID: projectId, XTRACE_PUBLIC_KEY: publicKey, XTRACE_SECRET_KEY: secretKey };
}

async function describeSystem(started: {
  readonly database: BenchDatabase;
  readonly apps: Partial<Record<ProcessName, StartedApp>>;
  readonly keys: ProjectKeys;
  readonly redisPid?: number;
  readonly dispose: () => Promise<void>;
}): Promise<BenchSystem> {
  const { database, apps, keys, redisPid, dispose } = started;
  const { gateway, query, standalone } = apps;
  const postgres = await postmasterOf(database.sql);
  return {
    target: { url: (gateway ?? standalone)?.url ?? "", authorization: basicAuth(keys) },
    queryUrl: (query ?? standalone)?.url ?? "",
    databaseUrl: database.url,
    sql: database.sql,
    pids: {
      ...Object.fromEntries(Object.entries(apps).map(([name, app]) => [name, app.process.pid])),
      ...(redisPid !== undefined && { redis: redisPid }),
      ...(postgres !== undefined && { postgres }),
    },
    lastLines: () =>
      Object.entries(apps).flatMap(([name, app]) => app.process.lines.slice(-5).map((line) => `${name}: ${line}`)),
    [Symbol.asyncDispose]: dispose,
  };
}
