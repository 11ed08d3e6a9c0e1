import fc from "fast-check";
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

  test("reads what is normal already as any other", () => {
    const piece = fc.constantFrom("langfuse", "-", "_", "a", "Z", "9", "é", " ", "k".repeat(38));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const sent = pieces.join("");
        expect(normalizeEnvironment(sent)).toBe(normalizedAtLength(sent));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Without the short way. */
function normalizedAtLength(environment: string): string {
  const lower = environment.slice(0, 80).toLowerCase();
  const normal = lower.replace(/^(?:langfuse[-_]?)+/, "").slice(0, 40);
  return /^[a-z0-9_-]+$/.test(normal) ? normal : "default";
}
