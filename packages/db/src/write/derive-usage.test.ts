import { expect, test } from "vitest";
import { deriveUsage } from "./derive-usage.ts";

test("sums the input's keys, the output's, and all of them", () => {
  expect(deriveUsage({ input: 10, input_cached_tokens: 5, output: 3, output_reasoning_tokens: 2, other: 1 })).toEqual({
    promptTokens: 15,
    completionTokens: 5,
    totalTokens: 21,
  });
  expect(deriveUsage({ input: 10, total: 12 })).toEqual({ promptTokens: 10, completionTokens: null, totalTokens: 12 });
});

test("adds parts of units before it rounds them", () => {
  expect(deriveUsage({ input: 0.1, input_cached_tokens: 0.2, output: 0.7 })).toEqual({
    promptTokens: 0,
    completionTokens: 1,
    totalTokens: 1,
  });
  expect(deriveUsage({ input: 0.25, input_cached_tokens: 0.25 })).toMatchObject({ promptTokens: 1 });
});

test("stays a whole number that JavaScript can hold", () => {
  const huge = Number.MAX_SAFE_INTEGER - 1;
  expect(deriveUsage({ input: huge, output: huge })).toEqual({
    promptTokens: huge,
    completionTokens: huge,
    totalTokens: Number.MAX_SAFE_INTEGER,
  });
});

test("knows nothing where nothing was said", () => {
  const nothing = { promptTokens: null, completionTokens: null, totalTokens: null };
  expect(deriveUsage(null)).toEqual(nothing);
  expect(deriveUsage({})).toEqual(nothing);
});
