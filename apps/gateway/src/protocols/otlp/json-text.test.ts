import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { valueOfText } from "./json-text.ts";

describe("the value that a text stands for", () => {
  test.each<[string, unknown]>([
    ['{"a":[1,2]}', { a: [1, 2] }],
    [' [1, "b"] ', [1, "b"]],
    ['"2026-01-02"', "2026-01-02"],
    ["true", true],
    ["null", null],
    ["42", 42],
    ["-7", -7],
    ["0.5", 0.5],
    ["1.0", 1],
    ["1e-05", 1e-5],
    ["1.5e+20", 1.5e20],
  ])("%s is JSON", (text, value) => expect(valueOfText(text)).toEqual(value));

  test.each([
    "",
    "   ",
    "plain words",
    "007",
    "1.10",
    "123456e7",
    "12345678901234567890",
    "9007199254740993",
    "-",
    "nothing",
    "truest",
    "{not json}",
    "[1, 2",
    '{"a": 1',
    '"quoted" and more',
    "1e400",
    "1e+999",
    "[1e400]",
    '{"deep":[{"x":1e999}]}',
    "[".repeat(200) + "]".repeat(200),
    "[".repeat(100_000) + "]".repeat(100_000),
  ])("%.40s stays text", (text) => expect(valueOfText(text)).toBe(text));

  test("is what JSON makes of it, or the text where that is none", () => {
    const pieces = ["true", "false", "null", "0", "1", "25", "-", "+", ".", "e", "E", " ", "\n", "\v", "a"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 5 }), (chosen) => {
        const text = chosen.join("");
        const parsed = parsedOrText(text);
        // A number that would not come back as it was written stays text.
        const possible = typeof parsed === "number" ? [parsed, text] : [parsed];
        expect(possible).toContain(valueOfText(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test("is also found between spaces, and given up for what comes after it", () => {
    const pieces = ['{"a":1}', "[1]", '"b"', "{", "}", "]", '"', "true", " ", "\n", "\u00A0", "\uFEFF", "x"];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 4 }), (chosen) => {
        const text = chosen.join("");
        expect(valueOfText(text)).toEqual(parsedOrText(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test("cleans what only escapes can bring, in keys too", () => {
    expect(valueOfText(String.raw`{"a\u0000":["\ud800",null,1]}`)).toEqual({ "a\uFFFD": ["\uFFFD", null, 1] });
  });

  test("keeps __proto__ plain data", () => {
    const value = valueOfText(String.raw`{"__proto__":{"x":"\u0000"}}`);
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
    expect((value as { x?: unknown }).x).toBeUndefined();
  });
});

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
