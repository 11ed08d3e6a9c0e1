import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBatcher, type BatcherOptions } from "./batcher.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setup(options: Partial<Pick<BatcherOptions<number>, "maxItems" | "maxWeight" | "flush" | "held">> = {}) {
  const flushed: Array<readonly number[]> = [];
  const batcher = createBatcher<number>({
    maxItems: options.maxItems ?? 3,
    maxWaitMs: 50,
    maxWeight: options.maxWeight ?? 1_000,
    weigh: (item) => item,
    ...(options.held && { held: options.held }),
    flush: options.flush ?? (async (items) => void flushed.push(items)),
  });
  return { batcher, flushed };
}

/** Flushes that all end when the test says so. */
function setupSlow() {
  const flushes: Array<readonly number[]> = [];
  let ends: Array<() => void> = [];
  const { batcher } = setup({
    maxItems: 100,
    flush: (items) => {
      flushes.push(items);
      return new Promise((resolve) => ends.push(resolve));
    },
  });
  const finish = () => {
    for (const end of ends) end();
    ends = [];
  };
  return { batcher, flushes, finish };
}

describe("createBatcher", () => {
  test("flushes as soon as the batch is full", async () => {
    const { batcher, flushed } = setup();
    await Promise.all([batcher.add(1), batcher.add(2), batcher.add(3)]);
    expect(flushed).toEqual([[1, 2, 3]]);
  });

  test("flushes what came together while no batch is under way", async () => {
    const { batcher, flushed } = setup();
    const first = batcher.add(1);
    await vi.advanceTimersByTimeAsync(3);
    const second = batcher.add(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(flushed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([first, second]);
    expect(flushed).toEqual([[1, 2]]);
  });

  test("flushes when the oldest item has waited long enough beside a batch under way, counted from that item", async () => {
    const { batcher, flushes, finish } = setupSlow();
    const all = [batcher.add(1)];
    await vi.advanceTimersByTimeAsync(5);
    all.push(batcher.add(2));
    await vi.advanceTimersByTimeAsync(40);
    all.push(batcher.add(3));
    await vi.advanceTimersByTimeAsync(9);
    expect(flushes).toEqual([[1]]);
    await vi.advanceTimersByTimeAsync(1);
    expect(flushes).toEqual([[1], [2, 3]]);
    finish();
    await Promise.all(all);
  });

  test("flushes what came during a batch when that has ended", async () => {
    const { batcher, flushes, finish } = setupSlow();
    const all = [batcher.add(1)];
    await vi.advanceTimersByTimeAsync(5);
    all.push(batcher.add(2), batcher.add(3));
    await vi.advanceTimersByTimeAsync(10);
    expect(flushes).toEqual([[1]]);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(flushes).toEqual([[1], [2, 3]]);
    finish();
    await Promise.all(all);
  });

  test("starts a new batch rather than overload one, and takes a heavy item alone", async () => {
    const { batcher, flushed } = setup({ maxItems: 100, maxWeight: 10 });
    const adding = Promise.all([batcher.add(6), batcher.add(7), batcher.add(50), batcher.add(1)]);
    await vi.advanceTimersByTimeAsync(50);
    await adding;
    expect(flushed).toEqual([[6], [7], [50], [1]]);
  });

  test("settles an item only after its flush, and with its outcome", async () => {
    let finish: (() => void) | undefined;
    const { batcher } = setup({
      maxItems: 1,
      flush: (items) =>
        items[0] === 2 ? Promise.reject(new Error("refused")) : new Promise((resolve) => (finish = resolve)),
    });
    let settled = false;
    const slow = batcher.add(1).then(() => (settled = true));
    await expect(batcher.add(2)).rejects.toThrow("refused");
    expect(settled).toBe(false);
    finish?.();
    await slow;
    expect(settled).toBe(true);
  });

  test("lets a batch grow while it is held, hands on a full one all the same, and the rest at the release", async () => {
    let release = () => {};
    let hold: Promise<void> | undefined = new Promise((resolve) => (release = resolve));
    const { batcher, flushed } = setup({ held: () => hold });
    const adding = [batcher.add(1), batcher.add(2)];
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flushed).toEqual([]);
    adding.push(batcher.add(3), batcher.add(4));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(flushed).toEqual([[1, 2, 3]]);
    hold = undefined;
    release();
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all(adding);
    expect(flushed).toEqual([[1, 2, 3], [4]]);
    // And the clock runs again.
    const last = batcher.add(5);
    await vi.advanceTimersByTimeAsync(50);
    await last;
  });

  test("flushes the rest when closed, and waits for it", async () => {
    const { batcher, flushed } = setup();
    const pending = batcher.add(1);
    await batcher.close();
    await pending;
    expect(flushed).toEqual([[1]]);
    await batcher.close();
    expect(flushed).toHaveLength(1);
  });
});
