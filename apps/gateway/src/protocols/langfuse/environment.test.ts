import { describe, expect, test } from "vitest";
import { environmentOf } from "./environment.ts";

describe("environmentOf", () => {
  test.each([
    ["staging", "staging"],
    ["Pre_Prod-2", "pre_prod-2"],
    ["langfuse-evals", "-evals"],
    ["LANGFUSE", "default"],
    ["", "default"],
    ["not an environment", "default"],
    ["ümlaut", "default"],
    ["e".repeat(1_000_000), "e".repeat(40)],
  ])("reads %j as %j", (sent, environment) => {
    expect(environmentOf(sent)).toBe(environment);
  });

  test("says nothing where nothing was said", () => {
    expect(environmentOf(null)).toBeUndefined();
    expect(environmentOf(undefined)).toBeUndefined();
  });
});
