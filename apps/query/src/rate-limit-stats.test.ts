import { expect, test } from "vitest";
import { createRateLimitStats } from "./rate-limit-stats.ts";

const key = (projectId: string, keyId: string) => ({ projectId, keyId, scopes: [] });

test("counts by project, the most refused key first", () => {
  const stats = createRateLimitStats();
  stats.record(key("p", "a"), "rejected");
  for (let i = 0; i < 3; i += 1) stats.record(key("p", "b"), "rejected");
  stats.record(key("p", "b"), "allowed");
  stats.record(key("q", "a"), "rejected");
  expect(stats.ofProject("p")).toEqual({
    allowed: 1,
    rejected: 4,
    rejectedByKey: [
      { keyId: "b", count: 3 },
      { keyId: "a", count: 1 },
    ],
  });
});

test("forgets the key that was first seen longest ago when there are too many", () => {
  const stats = createRateLimitStats(2);
  for (const keyId of ["a", "b", "c"]) stats.record(key("p", keyId), "rejected");
  expect(stats.ofProject("p").rejectedByKey.map(({ keyId }) => keyId)).toEqual(["b", "c"]);
});
