import { describe, expect, test } from "vitest";
import { normalizeEnvironment } from "./environment.ts";

describe("normalizeEnvironment", () => {
  test.each([
    ["staging", "staging"],
    ["Pre_Prod-2", "pre_prod-2"],
    ["langfuse-evals", "evals"],
    ["langfuse_langfuse-x", "x"],
    ["LANGFUSE", "default"],
    ["", "default"],
    ["not an environment", "default"],
    ["ümlaut", "default"],
    ["e".repeat(1_000_000), "e".repeat(40)],
  ])("reads %j as %j", (sent, environment) => {
    expect(normalizeEnvironment(sent)).toBe(environment);
  });
});
