import { startRedisServer } from "@xtrace/testkit";
import type { Sql } from "postgres";
import { buildOrCleanUp } from "../../../src/cleanup.ts";
import { basicAuth, KEY_ENV, PROJECT_A } from "../../../src/test-system.ts";
import type { Target } from "../load/messages.ts";
import { createBenchDatabase } from "./bench-database.ts";
import { startBuiltApp } from "./built-app.ts";
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

/** Redis flushes its file once a second, PostgreSQL every commit. */
export const REDIS_ARGS = ["--appendfsync", "everysec"] as const;

const COMMON_ENV = {
  ...KEY_ENV,
  BIND_ADDR: "127.0.0.1:0",
  WORKER_HEALTH_ADDR: "127.0.0.1:0",
  RATE_LIMIT_QPS: "0",
};

/** The three processes of production over a Redis and a database of their own. */
export async function startBenchSystem(postgresUrl: string): Promise<BenchSystem> {
  return await buildOrCleanUp(async (cleanup) => {
    const database = cleanup.use(await createBenchDatabase(postgresUrl));
    const redis = cleanup.use(await startRedisServer({ args: REDIS_ARGS }));
    const env = { ...COMMON_ENV, REDIS_URL: redis.url, DATABASE_URL: database.url };
    const start = async (name: "gateway" | "worker" | "query") => {
      const app = await startBuiltApp(name, env);
      cleanup.use(app.process);
      return app;
    };
    const worker = await start("worker");
    const gateway = await start("gateway");
    const query = await start("query");
    const postgres = await postmasterOf(database.sql);
    return {
      target: { url: gateway.url, authorization: basicAuth(PROJECT_A) },
      queryUrl: query.url,
      databaseUrl: database.url,
      sql: database.sql,
      pids: {
        gateway: gateway.process.pid,
        worker: worker.process.pid,
        query: query.process.pid,
        redis: redis.pid,
        ...(postgres !== undefined && { postgres }),
      },
      lastLines: () =>
        Object.entries({ gateway, worker, query }).flatMap(([name, app]) =>
          app.process.lines.slice(-5).map((line) => `${name}: ${line}`),
        ),
      [Symbol.asyncDispose]: () => cleanup.run(),
    };
  });
}
