import { expect, test } from "vitest";
import { rememberByName } from "./remember-names.ts";

test("works a name out once, and again when there were too many in between", () => {
  const worked: string[] = [];
  const lengthOf = rememberByName((name) => {
    worked.push(name);
    return name.length;
  });
  expect([lengthOf("__proto__"), lengthOf("__proto__"), lengthOf("")]).toEqual([9, 9, 0]);
  expect(worked).toEqual(["__proto__", ""]);
  for (let index = 0; index < 10_000; index++) lengthOf(`name.${index}`);
  expect(lengthOf("__proto__")).toBe(9);
  expect(worked.filter((name) => name === "__proto__")).toHaveLength(2);
});

test("works out a very long name each time", () => {
  let count = 0;
  const counted = rememberByName(() => ++count);
  const name = "n".repeat(1_000);
  expect([counted(name), counted(name)]).toEqual([1, 2]);
});
