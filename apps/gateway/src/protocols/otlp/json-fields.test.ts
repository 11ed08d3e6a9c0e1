import { expect, test } from "vitest";
import { countOf } from "./json-fields.ts";

test.each([
  [3, 3],
  ["3", 3],
  [undefined, 0],
  [null, 0],
  [-1, 0],
  [1.5, 0],
  ["many", 0],
  [true, 0],
  [[7], 0],
  [{ toString: { length: null } }, 0],
])("%j counts as %d", (value, count) => {
  expect(countOf(value)).toBe(count);
});
