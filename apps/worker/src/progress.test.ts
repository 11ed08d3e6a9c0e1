import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgress } from "./progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup() {
  const queue = { waiting: 5 };
  return { queue, progress: createProgress(async () => queue) };
}

test("is stuck when jobs wait and nothing was done for a minute", async () => {
  const { progress } = setup();
  await progress.check();
  vi.advanceTimersByTime(60_000);
  await expect(progress.check()).rejects.toThrow("5 jobs wait");
  progress.made();
  await progress.check();
});

test("is not stuck when nothing waits, however long", async () => {
  const { progress, queue } = setup();
  queue.waiting = 0;
  vi.advanceTimersByTime(3_600_000);
  await progress.check();
});
