import { migrateDatabase } from "@xtrace/db";
import { createTestDatabase, eventually, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { addressOf, startApp } from "../../src/app-process.ts";

const VOLATILE = ["--appendonly", "no"];

function envOf(redisUrl: string, databaseUrl: string) {
  return {
    NODE_ENV: "production",
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    BIND_ADDR: "127.0.0.1:0",
    WORKER_HEALTH_ADDR: "127.0.0.1:0",
  };
}

describe.skipIf(!hasRedisServer()).each(["gateway", "worker"] as const)("a %s in production", (app) => {
  test("does not start on a Redis that forgets, and says in one line why", async () => {
    await using database = await createTestDatabase({ migrate: migrateDatabase });
    await using redis = await startRedisServer({ args: VOLATILE });
    await using started = startApp(app, envOf(redis.url, database.url));
    expect(await started.exited).toEqual({ code: 2, signal: null });
    // Beside the log, which is another stream: either may be read first.
    const reason = expect.stringMatching(/^REDIS_URL .*appendonly is "no".*CONFIG SET appendonly yes/);
    expect(started.lines).toContainEqual(reason);
  });

  test("runs on it when told to", async () => {
    await using database = await createTestDatabase({ migrate: migrateDatabase });
    await using redis = await startRedisServer({ args: VOLATILE });
    await using started = startApp(app, { ...envOf(redis.url, database.url), ALLOW_VOLATILE_QUEUE: "1" });
    const url = await addressOf(started);
    await eventually(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeoutMs: 20_000 });
    expect(started.lines.filter((line) => line.includes("appendonly"))).toHaveLength(1);
  });

  test("starts without its Redis, and is not ready when a forgetful one comes", async () => {
    await using database = await createTestDatabase({ migrate: migrateDatabase });
    await using redis = await startRedisServer({ args: VOLATILE });
    await redis.kill();
    await using started = startApp(app, envOf(redis.url, database.url));
    const url = await addressOf(started);
    await redis.restart();
    await eventually(
      async () => {
        const answer = await fetch(`${url}/readyz`);
        expect([answer.status, await answer.json()]).toEqual([503, { status: "not_ready", failures: ["durability"] }]);
      },
      { timeoutMs: 20_000 },
    );
    // The log is another stream than the answer, and may be read later.
    await eventually(() => expect(started.lines).toContainEqual(expect.stringContaining("appendonly")));
  });
});
