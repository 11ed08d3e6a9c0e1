import { expect, test } from "vitest";
import { decimalText, splitCost } from "./split-cost.ts";

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

test("tells a price without an exponent", () => {
  expect(decimalText(2.5e-6)).toBe("0.0000025");
  expect(decimalText(1e-9)).toBe("0.000000001");
  expect(decimalText(12)).toBe("12");
});
