import { describe, expect, test } from "vitest";
import { BUILT_IN_MODELS } from "./built-in-models.ts";
import { compilePattern, PatternError } from "./match-pattern.ts";

describe("compilePattern", () => {
  test("ignores case only where the pattern says so", () => {
    expect(compilePattern("(?i)^gpt-4o$").test("GPT-4o")).toBe(true);
    expect(compilePattern("^gpt-4o$").test("GPT-4o")).toBe(false);
    expect(compilePattern("(?c)^gpt-4o$").test("GPT-4o")).toBe(false);
    expect(compilePattern("^gpt$", { ignoreCase: true }).test("GPT")).toBe(true);
  });

  test("matches anywhere unless anchored, as PostgreSQL does", () => {
    expect(compilePattern("claude").test("us.anthropic.claude-3")).toBe(true);
  });

  test.each([
    String.raw`(?i)^(openai\/)?(gpt-4o|gpt-4o-\d{4}-\d{2}-\d{2})$`,
    String.raw`^(?!.*-tts)(a|b)+$`,
    "^(foo){2}bar?$",
    "^[a-z0-9._-]+/[^/]+$",
    "^(ab*){2}$",
  ])("takes %s", (pattern) => {
    expect(compilePattern(pattern)).toBeInstanceOf(RegExp);
  });

  test.each([
    ["(a", "is not a valid regular expression"],
    ["a)", "is not a valid regular expression"],
    ["[a", "is not a valid regular expression"],
    ["*a", "is not a valid regular expression"],
    ["(?x)a", "is not a valid regular expression"],
    ["(a+)+$", "repeats a group in which something is repeated"],
    ["(a*b)*", "repeats a group in which something is repeated"],
    ["((a+)b){2,}", "repeats a group in which something is repeated"],
    [String.raw`(\d+-){3,9}`, "repeats a group in which something is repeated"],
    ["((a+))*", "repeats a group in which something is repeated"],
    [String.raw`(a)\1`, "uses an escape that is not supported"],
    [String.raw`\mgpt`, "uses an escape that is not supported"],
    ["[[:alpha:]]+", "uses a named class of characters, which is not supported"],
  ])("refuses %s", (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(new PatternError(message));
  });

  test("takes the pattern of every built-in model", () => {
    for (const { matchPattern } of BUILT_IN_MODELS) expect(compilePattern(matchPattern)).toBeInstanceOf(RegExp);
  });
});
