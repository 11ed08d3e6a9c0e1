import type { RateBudgets } from "@xtrace/contract";
import { expect, test } from "vitest";
import { createMemoryRateLimiter } from "./memory-rate-limiter.ts";

function setup(budgets: Partial<RateBudgets>) {
  let nowMs = 0;
  const limiter = createMemoryRateLimiter({ requests: null, bytes: null, ...budgets }, () => nowMs);
  return { limiter, elapse: (ms: number) => void (nowMs += ms) };
}

test("allows the burst at once and the rate in the long run", async () => {
  const { limiter, elapse } = setup({ requests: { perSecond: 20, burst: 40 } });
  let allowed = 0;
  for (let tick = 0; tick < 1_000; tick += 1) {
    for (let index = 0; index < 5; index += 1) if ((await limiter.consume("key")).allowed) allowed += 1;
    elapse(10);
  }
  // Ten seconds.
  expect(allowed).toBe(40 + 199);
});

test("reports the budget of which less is left", async () => {
  const { limiter } = setup({ requests: { perSecond: 1, burst: 10 }, bytes: { perSecond: 10, burst: 100 } });
  expect(await limiter.consume("key")).toMatchObject({ budget: "requests", limit: 10, remaining: 9 });
  limiter.charge("key", 50);
  expect(await limiter.consume("key")).toMatchObject({ budget: "bytes", limit: 100, remaining: 50, resetMs: 5_000 });
  limiter.charge("key", 70);
  expect(await limiter.consume("key")).toEqual({
    allowed: false,
    budget: "bytes",
    limit: 100,
    remaining: 0,
    resetMs: 2_100,
  });
});
