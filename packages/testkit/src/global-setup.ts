import { randomBytes } from "node:crypto";
import { type ProvidedServer, providePostgres, provideRedis } from "./provide-servers.ts";
import { dropTestDatabases } from "./test-database.ts";

/**
 * Vitest's global setup: the PostgreSQL and the Redis of a test run, started unless their urls are
 * given. Tests find them in the environment, through `createTestDatabase` and `createTestRedis`,
 * and so do the processes that they start.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const servers: ProvidedServer[] = [];
  // Vitest exits on a signal, and after a failed setup, without calling the teardown.
  const stopNow = () => servers.forEach((server) => server.stopNow());
  process.once("exit", stopNow);

  const postgres = await providePostgres();
  servers.push(postgres);
  const redis = await provideRedis();
  if (redis) servers.push(redis);

  process.env["TEST_DATABASE_URL"] = postgres.url;
  if (redis) process.env["TEST_REDIS_URL"] = redis.url;
  process.env["XTRACE_TEST_RUN"] ??= randomBytes(4).toString("hex");

  return async () => {
    process.off("exit", stopNow);
    await dropTestDatabases();
    await Promise.all(servers.map((server) => server.stop()));
  };
}
