import { expect, test } from "vitest";
import { splitCost } from "./split-cost.ts";

test("adds the parts of input and output as decimals", () => {
  expect(
    splitCost({ input: 0.1, input_cached: 0.2, output: 1e-9, output_reasoning: 2e-9, total: 9, other: 5 }),
  ).toEqual({
    inputCost: 0.3,
    outputCost: 3e-9,
  });
});

test("knows nothing where nothing was given", () => {
  expect(splitCost(null)).toEqual({ inputCost: null, outputCost: null });
  expect(splitCost({ total: 1 })).toEqual({ inputCost: null, outputCost: null });
});
