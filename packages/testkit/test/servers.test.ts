import { Redis } from "ioredis";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import {
  createTestDatabase,
  createTestRedis,
  describeWithRedis,
  hasRedisServer,
  startRedisServer,
  testRedisUrl,
} from "../src/index.ts";

async function query(url: string, text: string): Promise<Array<Record<string, unknown>>> {
  const sql = postgres(url, { max: 1 });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

describe("createTestDatabase", () => {
  test("gives each caller a database of its own and drops it, whoever is connected", async () => {
    const first = await createTestDatabase();
    await using second = await createTestDatabase();
    await query(first.url, "CREATE TABLE only_here ()");
    await expect(query(second.url, "TABLE only_here")).rejects.toThrow(/does not exist/);

    const lingering = postgres(first.url, { max: 1 });
    await lingering`SELECT 1`;
    await first[Symbol.asyncDispose]();
    await expect(query(first.url, "SELECT 1")).rejects.toThrow(/does not exist/);
    await lingering.end({ timeout: 1 }).catch(() => undefined);
  });

  test("migrates once for many, at the same time too", async () => {
    let migrations = 0;
    const migrate = async (url: string) => {
      migrations++;
      await query(url, "CREATE TABLE migrated (value int); INSERT INTO migrated VALUES (7)");
    };
    const databases = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase({ migrate })));
    for (const { url } of databases) expect(await query(url, "TABLE migrated")).toEqual([{ value: 7 }]);
    expect(migrations).toBe(1);
    await using other = await createTestDatabase({ migrate, templateKey: "another" });
    expect(migrations).toBe(2);
    expect(other.url).not.toBe(databases[0]?.url);
    for (const database of databases) await database[Symbol.asyncDispose]();
  });

  test("a failed migration leaves no template", async () => {
    let attempts = 0;
    const migrate = async (url: string) => {
      await query(url, "CREATE TABLE half ()");
      if (++attempts === 1) throw new Error("no luck");
    };
    await expect(createTestDatabase({ migrate, templateKey: "fails first" })).rejects.toThrow("no luck");
    await using database = await createTestDatabase({ migrate, templateKey: "fails first" });
    expect(await query(database.url, "TABLE half")).toEqual([]);
  });
});

describeWithRedis("createTestRedis", () => {
  test("deletes its own keys and no others", async () => {
    await using other = await createTestRedis();
    const mine = await createTestRedis();
    const redis = new Redis(mine.url);
    await redis.mset(`${mine.prefix}:a`, "1", `{${mine.prefix}}:b`, "2", `${other.prefix}:c`, "3");
    await mine[Symbol.asyncDispose]();
    expect(await redis.mget(`${mine.prefix}:a`, `{${mine.prefix}}:b`, `${other.prefix}:c`)).toEqual([null, null, "3"]);
    redis.disconnect();
  });
});

test("without Redis in the run, a test that asks for it is told what to do", async () => {
  const url = testRedisUrl();
  delete process.env["TEST_REDIS_URL"];
  try {
    await expect(createTestRedis()).rejects.toThrow("describeWithRedis");
  } finally {
    if (url !== undefined) process.env["TEST_REDIS_URL"] = url;
  }
});

describe.skipIf(!hasRedisServer())("startRedisServer", () => {
  test("keeps what it acknowledged over a kill and a restart, on the same port", async () => {
    await using server = await startRedisServer({ args: ["--maxmemory-policy", "noeviction"] });
    const before = new Redis(server.url);
    await before.set("kept", "yes");
    before.disconnect();
    const firstPid = server.pid;
    await server.kill();
    await server.restart();
    expect(server.pid).not.toBe(firstPid);
    const after = new Redis(server.url);
    expect(await after.get("kept")).toBe("yes");
    expect(await after.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    after.disconnect();
  });

  test("says why it does not start", async () => {
    await expect(startRedisServer({ args: ["--no-such-option", "1"] })).rejects.toThrow(/no-such-option/);
  });
});
