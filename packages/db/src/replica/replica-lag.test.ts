import { expect, test } from "vitest";
import { createReplicaLag } from "./replica-lag.ts";

function sampler() {
  const lag = createReplicaLag();
  return (atMs: number, writtenLsn: number | null, replayedLsn: number, lastCommitAgeMs: number | null = 1) =>
    lag({ atMs, writtenLsn, replayedLsn, lastCommitAgeMs });
}

test("is nothing while the replica has all, however long ago the last commit was", () => {
  const lag = sampler();
  expect(lag(0, 100, 100, 3_600_000)).toBe(0);
  expect(lag(500, 100, 100, 3_600_500)).toBe(0);
  // One commit after an idle hour: it is missing since now.
  expect(lag(1_000, 200, 100, 3_601_000)).toBe(0);
  expect(lag(1_500, 200, 200, 1)).toBe(0);
});

test("grows from when something was first missing, and follows the replica as it catches up", () => {
  const lag = sampler();
  lag(0, 100, 100);
  expect(lag(1_000, 200, 100)).toBe(0);
  expect(lag(2_000, 300, 100)).toBe(1_000);
  expect(lag(3_000, 400, 100)).toBe(2_000);
  expect(lag(4_000, 500, 250)).toBe(2_000);
  expect(lag(5_000, 500, 450)).toBe(1_000);
  expect(lag(6_000, 500, 500)).toBe(0);
});

test("believes the age of the last commit of a replica that it has never seen up to date", () => {
  const lag = sampler();
  expect(lag(0, 1_000, 100, 60_000)).toBe(60_000);
  expect(lag(500, 1_100, 200, 50_000)).toBe(50_000);
  expect(lag(1_000, 1_200, 1_000, 40_000)).toBe(500);
  expect(sampler()(0, 1_000, 100, null)).toBe(Infinity);
});

test("counts from the last word of a primary that is away", () => {
  const lag = sampler();
  lag(0, 100, 100);
  expect(lag(1_000, null, 100)).toBe(1_000);
  expect(lag(2_000, null, 100)).toBe(2_000);
  expect(lag(3_000, 100, 100)).toBe(0);
  expect(sampler()(0, null, 100, 7_000)).toBe(7_000);
});

test("forgets what it knew when the log begins anew", () => {
  const lag = sampler();
  lag(0, 1_000, 1_000);
  expect(lag(500, 10, 10)).toBe(0);
  expect(lag(1_000, 20, 10)).toBe(0);
  expect(lag(1_500, 30, 10)).toBe(500);
});

test("keeps a bounded memory of a replica that stands still", () => {
  const lag = sampler();
  lag(0, 0, 0);
  let last = 0;
  for (let turn = 1; turn <= 5_000; turn += 1) last = lag(turn * 100, turn, 0);
  expect(last).toBeGreaterThanOrEqual(499_000);
});
