import { expect, test } from "vitest";
import { eventStamp } from "./event-stamp.ts";

const create = (timeUs: number, place = 0) => eventStamp(timeUs, { isUpdate: false, place });
const update = (timeUs: number, place = 0) => eventStamp(timeUs, { isUpdate: true, place });

test("orders one millisecond's events as the batch has them, creates first", () => {
  const stamps = [
    create(7_000),
    create(7_000, 1),
    create(7_000, 9_999),
    update(7_000),
    update(7_000, 1),
    update(7_000, 9_999),
  ];
  expect(stamps.toSorted((a, b) => a - b)).toEqual(stamps);
  expect(new Set(stamps).size).toBe(stamps.length);
});

test("never passes the next millisecond", () => {
  expect(update(7_000, 9_999)).toBeLessThan(create(8_000));
});

test("takes microseconds at their word", () => {
  expect(create(7_123, 4)).toBe(7_123);
  expect(update(7_123, 4)).toBe(7_124);
});
