import type { RateBudgets, RateDecision, RateLimiter } from "@xtrace/contract";
import { createTestRedis, describeWithRedis, eventually, hasRedisServer, startRedisServer } from "@xtrace/testkit";
import { describe, expect, test } from "vitest";
import { openRateLimiter } from "./open-rate-limiter.ts";

/** Tells its decisions from the store's. */
const INSURED: RateDecision = { allowed: true, budget: "requests", limit: -1, remaining: -1, resetMs: 0 };

function insurance(budgets: RateBudgets): RateLimiter {
  return { budgets, consume: () => INSURED, charge: () => {}, close: async () => {} };
}

async function open(redis: { url: string; prefix: string }, budgets: RateBudgets, scope = "test") {
  return await openRateLimiter({ ...redis, scope, budgets, insurance: insurance(budgets), onError: () => {} });
}

/** How many of `count` requests at once, by turns through all of them, are allowed. */
async function countAllowed(limiters: readonly RateLimiter[], key: string, count: number): Promise<number> {
  const decisions = await Promise.all(
    Array.from({ length: count }, async (_, index) => limiters[index % limiters.length]?.consume(key)),
  );
  return decisions.filter((decision) => decision?.allowed).length;
}

const requests = (perSecond: number, burst: number): RateBudgets => ({ requests: { perSecond, burst }, bytes: null });
const bytes = (perSecond: number, burst: number): RateBudgets => ({ requests: null, bytes: { perSecond, burst } });

describeWithRedis("a limit over Redis", () => {
  test.each([5, 1_000])("of %i requests is one for all processes, and one for each key and scope", async (burst) => {
    await using redis = await createTestRedis();
    // So slow that what comes back during the test is less than one.
    const budgets = requests(0.001, burst);
    const limiters = await Promise.all(Array.from({ length: 3 }, () => open(redis, budgets)));
    const [first, , third] = limiters;
    const other = await open(redis, budgets, "other");

    const allowed = await countAllowed(limiters, "busy", burst * 3);
    // What a process has in its lease when the others find the bucket empty is used by its next requests.
    const later = await countAllowed(limiters, "busy", burst);
    expect(allowed + later).toBe(burst);
    expect(await first?.consume("busy")).toMatchObject({ allowed: false, limit: burst, remaining: 0 });
    expect(await third?.consume("calm")).toMatchObject({ allowed: true, limit: burst });
    expect(await other.consume("busy")).toMatchObject({ allowed: true });
    await Promise.all([...limiters, other].map((limiter) => limiter.close()));
  });

  test("tells what is left, and comes back by itself", async () => {
    await using redis = await createTestRedis();
    await using limiter = disposable(await open(redis, requests(10, 3)));
    for (const remaining of [2, 1, 0]) expect(await limiter.consume("key")).toMatchObject({ allowed: true, remaining });
    const refused = await limiter.consume("key");
    expect(refused).toMatchObject({ allowed: false, budget: "requests", limit: 3, remaining: 0 });
    expect(refused.resetMs).toBeGreaterThan(0);
    expect(refused.resetMs).toBeLessThanOrEqual(100);
    await eventually(async () => expect((await limiter.consume("key")).allowed).toBe(true));
  });

  test("of bytes lets one large request in, and makes every process wait until it is paid for", async () => {
    await using redis = await createTestRedis();
    const budgets = bytes(1_000, 1_000);
    await using first = disposable(await open(redis, budgets));
    await using second = disposable(await open(redis, budgets));
    expect(await first.consume("key")).toMatchObject({ allowed: true, budget: "bytes", limit: 1_000 });
    first.charge("key", 100_000);
    expect(await first.consume("key")).toMatchObject({ allowed: false, budget: "bytes" });
    await eventually(async () => {
      const refused = await second.consume("key");
      expect(refused).toMatchObject({ allowed: false, budget: "bytes", remaining: 0 });
      expect(refused.resetMs).toBeGreaterThan(90_000);
    });
  });

  test("asks Redis once for many requests", async () => {
    await using redis = await createTestRedis();
    await using limiter = disposable(await open(redis, requests(1_000, 100_000)));
    await limiter.consume("key");
    let waits = 0;
    for (let index = 0; index < 5_000; index += 1) {
      const decision = limiter.consume("key");
      if (decision instanceof Promise) waits += 1;
      expect((await decision).allowed).toBe(true);
      // As a request leaves the loop to others while it is read.
      await new Promise(setImmediate);
    }
    expect(waits).toBeLessThan(50);
  });
});

describe.skipIf(!hasRedisServer())("a limit over a Redis that goes away", () => {
  test("is the insurance's meanwhile, at once, and shared again afterwards", async () => {
    await using server = await startRedisServer();
    const redis = { url: server.url, prefix: "{limit}" };
    const budgets = requests(0.001, 5);
    await using limiter = disposable(await open(redis, budgets));
    await using other = disposable(await open(redis, budgets));
    expect(await countAllowed([limiter, other], "key", 4)).toBe(4);

    await server.kill();
    await eventually(async () => expect(await limiter.consume("key")).toBe(INSURED));
    const startedAt = performance.now();
    for (let index = 0; index < 100; index += 1) expect(await limiter.consume("key")).toBe(INSURED);
    expect(performance.now() - startedAt).toBeLessThan(500);

    await server.restart();
    // One of the five was left, for whichever process comes first.
    await eventually(
      async () => {
        expect(await limiter.consume("key")).toMatchObject({ allowed: false, limit: 5 });
        expect(await other.consume("key")).toMatchObject({ allowed: false, limit: 5 });
      },
      { timeoutMs: 10_000 },
    );
  });

  test("starts without its Redis", async () => {
    await using server = await startRedisServer();
    await server.kill();
    await using limiter = disposable(await open({ url: server.url, prefix: "{late}" }, requests(0.001, 1)));
    expect(await limiter.consume("key")).toBe(INSURED);
    await server.restart();
    await eventually(async () => expect(await limiter.consume("key")).toMatchObject({ allowed: false, limit: 1 }), {
      timeoutMs: 10_000,
    });
  });
});

function disposable(limiter: RateLimiter): RateLimiter & AsyncDisposable {
  return { ...limiter, [Symbol.asyncDispose]: () => limiter.close() };
}
