import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgress } from "./progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup() {
  const queue = { waiting: 5, away: false };
  const progress = createProgress({
    stuckAfterMs: 60_000,
    backlog: async () => {
      if (queue.away) throw new Error("not connected");
      return queue;
    },
  });
  return { queue, progress };
}

test("is stuck when jobs wait and nothing was made of them for a minute", async () => {
  const { progress } = setup();
  await progress.check();
  vi.advanceTimersByTime(59_000);
  await progress.check();
  vi.advanceTimersByTime(1_000);
  await expect(progress.check()).rejects.toThrow("5 jobs wait");
  progress.made();
  await progress.check();
  vi.advanceTimersByTime(59_000);
  await progress.check();
});

test("is not stuck when a job comes after hours without any", async () => {
  const { progress, queue } = setup();
  queue.waiting = 0;
  await progress.check();
  vi.advanceTimersByTime(3_600_000);
  await progress.check();
  queue.waiting = 1;
  await progress.check();
  vi.advanceTimersByTime(30_000);
  queue.waiting = 0;
  await progress.check();
  queue.waiting = 1;
  vi.advanceTimersByTime(40_000);
  await progress.check();
});

test("is not stuck while something is made, however much waits", async () => {
  const { progress } = setup();
  for (let minute = 0; minute < 10; minute++) {
    vi.advanceTimersByTime(59_000);
    progress.made();
    await progress.check();
  }
});

test("is not stuck when the queue is away: a restart would not bring it back", async () => {
  const { progress, queue } = setup();
  await progress.check();
  queue.away = true;
  vi.advanceTimersByTime(3_600_000);
  await progress.check();
});
