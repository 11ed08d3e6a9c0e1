import { expect, test } from "vitest";
import { createClock } from "./clock.ts";

test("goes on when the wall clock stands still or goes back", () => {
  const times = [1_000, 1_000, 999, 1_001];
  const now = createClock(() => times.shift() ?? 0);
  expect([now(), now(), now(), now()]).toEqual([1_000_000, 1_000_001, 1_000_002, 1_001_000]);
});
