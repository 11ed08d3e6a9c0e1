import { createTestRedis, describeWithRedis, eventually, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { openTraceDirectory } from "./trace-directory.ts";

const open = (redis: { url: string; prefix: string }) => openTraceDirectory({ ...redis, onError: () => {} });

describeWithRedis("the directory of traces", () => {
  test("knows for a minute what another process told last, of the same project", async () => {
    await using redis = await createTestRedis();
    const [one, other] = await Promise.all([open(redis), open(redis)]);
    await one.tell("p", "o", "t1");
    expect(await other.find("p", "o")).toBe("t1");
    await other.tell("p", "o", "t2");
    expect(await one.find("p", "o")).toBe("t2");
    expect([await one.find("q", "o"), await one.find("p", "x")]).toEqual([undefined, undefined]);

    const client = new Redis(redis.url);
    const keys = await client.keys(`${redis.prefix.replaceAll(/[[\]*?]/g, "?")}:trace-of:*`);
    expect(await Promise.all(keys.map((key) => client.ttl(key)))).toEqual([expect.toSatisfy((s) => s > 0 && s <= 60)]);
    client.disconnect();
    await Promise.all([one.close(), other.close()]);
  });

  test.skipIf(!hasRedisServer())("refuses at once while Redis is away, and comes back by itself", async () => {
    await using server = await startRedisServer();
    await server.kill();
    const directory = await open({ url: server.url, prefix: "{away}" });
    const startedAt = performance.now();
    await expect(directory.tell("p", "o", "t")).rejects.toThrow("not connected");
    await expect(directory.find("p", "o")).rejects.toThrow("not connected");
    expect(performance.now() - startedAt).toBeLessThan(100);
    await server.restart();
    await eventually(() => directory.tell("p", "o", "t"), { timeoutMs: 10_000 });
    expect(await directory.find("p", "o")).toBe("t");
    await directory.close();
  });
});
