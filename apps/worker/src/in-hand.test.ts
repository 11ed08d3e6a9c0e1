import { expect, test } from "vitest";
import { createHand } from "./in-hand.ts";

function setup(maxBytes: number) {
  const told: boolean[] = [];
  const hand = createHand({ maxBytes, onFull: (isFull) => told.push(isFull) });
  /** `end` ends the job, or fails it. */
  const take = (bytes: number) => {
    let end!: (error?: Error) => void;
    const run = () =>
      new Promise<void>((resolve, reject) => {
        end = (error) => (error ? reject(error) : resolve());
      });
    return { done: hand.holding(bytes, run), end };
  };
  return { told, take };
}

test("the hand is full from the job that reaches the bound until one ends that makes room", async () => {
  const { told, take } = setup(100);
  const first = take(60);
  expect(told).toEqual([]);
  const second = take(40);
  expect(told).toEqual([true]);
  const third = take(10);
  third.end();
  await third.done;
  expect(told).toEqual([true]);
  second.end();
  await second.done;
  expect(told).toEqual([true, false]);
  first.end();
  await first.done;
  expect(told).toEqual([true, false]);
});

test("a job that failed is not held any more", async () => {
  const { told, take } = setup(10);
  const { done, end } = take(10);
  end(new Error("no"));
  await expect(done).rejects.toThrow("no");
  expect(told).toEqual([true, false]);
});

test("without any room a job at a time is in hand, and none is a full hand", async () => {
  const { told, take } = setup(0);
  const { done, end } = take(0);
  expect(told).toEqual([]);
  end();
  await done;
  const one = take(1);
  one.end();
  await one.done;
  expect(told).toEqual([true, false]);
});
