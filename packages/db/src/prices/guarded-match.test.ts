import { expect, test, vi } from "vitest";
import { guardedMatches, MAX_NAME_LENGTH } from "./guarded-match.ts";

test("tells the places of the patterns that match", () => {
  expect(guardedMatches([/a/, /b/, /ab/], "cab", () => {})).toEqual([0, 1, 2]);
  expect(guardedMatches([/a/, /b/], "x", () => {})).toEqual([]);
  expect(guardedMatches([], "x", () => {})).toEqual([]);
});

test("a pattern that runs for years is ended, and the others still count", () => {
  const onSlow = vi.fn<(place: number) => void>();
  // Of the kind that compilePattern refuses.
  const endless = /^(a+)+$/;
  const text = `${"a".repeat(100)}b`;
  const startedAt = performance.now();
  expect(guardedMatches([/a/, endless, /b/], text, onSlow)).toEqual([0, 2]);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(onSlow.mock.calls).toEqual([[1]]);
});

test("a text that is longer than any name matches nothing", () => {
  expect(guardedMatches([/a/], "a".repeat(MAX_NAME_LENGTH), () => {})).toEqual([0]);
  expect(guardedMatches([/a/], "a".repeat(MAX_NAME_LENGTH + 1), () => {})).toEqual([]);
});
