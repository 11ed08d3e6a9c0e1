import { LIMITS } from "@xtrace/contract";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutName, cutText } from "./cut-text.ts";

describe("cutText", () => {
  test("leaves a text within the limit alone", () => {
    expect(cutText("abc", 3)).toBe("abc");
  });

  test("cuts before a surrogate pair that the limit would split", () => {
    expect(cutText("ab😀", 3)).toBe("ab");
    expect(cutText("a😀b", 3)).toBe("a😀");
  });

  test("keeps any well-formed text well-formed and within the limit", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, maxLength) => {
        const cut = cutText(text, maxLength);
        expect(cut.length).toBeLessThanOrEqual(maxLength);
        expect(cut.isWellFormed()).toBe(true);
        expect(text.startsWith(cut)).toBe(true);
      }),
    );
  });
});

describe("cutName", () => {
  test("cuts a name of a megabyte to the limit and passes null and undefined through", () => {
    expect(cutName("x".repeat(1_000_000))).toHaveLength(LIMITS.maxNameLength);
    expect(cutName(null)).toBeNull();
    expect(cutName(undefined)).toBeUndefined();
  });
});
