import { createTestDatabase, eventually, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";
import { guardDurability, VolatileQueueError } from "./durability.ts";

function guard(url: string, required = true) {
  const warnings: string[] = [];
  const watching = guardDurability({
    url,
    prefix: "x",
    onError: () => {},
    required,
    onWarning: (message) => warnings.push(message),
  });
  return { ...watching, warnings };
}

/** As an operator would at a shell. */
async function withAdmin(url: string, command: (redis: Redis) => Promise<unknown>) {
  const redis = new Redis(url);
  await command(redis);
  redis.disconnect();
}

describe.skipIf(!hasRedisServer())("a guard of the queue's durability", () => {
  test("is content with a server that keeps what it is given", async () => {
    await using server = await startRedisServer({ args: ["--maxmemory", "64mb"] });
    const { first, check, close, warnings } = guard(server.url);
    await first;
    await check();
    expect(warnings).toEqual([]);
    await close();
  });

  test.each([
    { args: ["--appendonly", "no"], setting: "appendonly", cure: "CONFIG SET appendonly yes" },
    {
      args: ["--maxmemory-policy", "allkeys-lru"],
      setting: "maxmemory-policy",
      cure: "CONFIG SET maxmemory-policy noeviction",
    },
  ])("refuses one with $args, in a line that says how to mend it", async ({ args, setting, cure }) => {
    await using server = await startRedisServer({ args });
    const strict = guard(server.url);
    const error = await strict.first.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VolatileQueueError);
    const { message } = error as Error;
    expect(message).toContain(setting);
    expect(message).toContain(cure);
    expect(message).toContain("ALLOW_VOLATILE_QUEUE=1");
    expect(message).not.toContain("\n");
    await strict.close();

    const lax = guard(server.url, false);
    await lax.first;
    await lax.check();
    expect(lax.warnings).toEqual([message]);
    await lax.close();
  });

  test("starts without its server, and finds out when that comes, and comes back otherwise", async () => {
    await using server = await startRedisServer({ args: ["--appendonly", "no"] });
    await server.kill();
    const { first, check, close, warnings } = guard(server.url);
    await first;
    await check();
    await server.restart();
    await eventually(() => expect(check()).rejects.toBeInstanceOf(VolatileQueueError));
    expect(warnings).toHaveLength(1);
    await withAdmin(server.url, (redis) => redis.config("SET", "appendonly", "yes"));
    await withAdmin(server.url, (redis) => redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
    await eventually(() => check());
    await close();
  });

  test("goes on when it may not ask, and says so", async () => {
    await using server = await startRedisServer({ args: ["--appendonly", "no", "--rename-command", "CONFIG", ""] });
    const { first, check, close, warnings } = guard(server.url);
    await first;
    await check();
    expect(warnings).toEqual([expect.stringContaining("could not be checked")]);
    await close();
  });
});

test("asks nothing of a queue in PostgreSQL", async () => {
  await using database = await createTestDatabase();
  const { first, check, close, warnings } = guard(database.url);
  await first;
  await check();
  expect(warnings).toEqual([]);
  await close();
});
