import { describe, expect, test } from "vitest";
import { nativeUsage } from "./native-usage.ts";

describe("usage", () => {
  test("is read from the token counts", () => {
    expect(nativeUsage({ promptTokens: 3, completionTokens: 4, totalTokens: 7, unit: "TOKENS" })).toMatchObject({
      usageDetails: { input: 3, output: 4, total: 7 },
      usageUnit: "TOKENS",
    });
  });

  test("in the usage object wins, and token counts fill up what it lacks", () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 } };
    expect(nativeUsage({ usage, promptTokens: 10, totalTokens: 15 }).usageDetails).toEqual({
      input: 6,
      input_cached_tokens: 4,
      output: 5,
      total: 15,
    });
  });

  test("in usageDetails wins over the usage object", () => {
    expect(nativeUsage({ usage: { input: 1 }, usageDetails: { input: 2 } }).usageDetails).toEqual({ input: 2 });
  });

  test("that is no object says nothing", () => {
    expect(nativeUsage({ usage: "a lot" })).toEqual({
      usageDetails: undefined,
      usageUnit: undefined,
      costDetails: undefined,
    });
  });
});

describe("cost", () => {
  const prices = { inputPrice: 0.000003, outputPrice: 0.000015, promptTokens: 1000, completionTokens: 100 };

  test("is unit price times units where no cost is given", () => {
    expect(nativeUsage(prices).costDetails).toEqual({ input: 0.003, output: 0.0015 });
    expect(nativeUsage({ totalPrice: 0.1, totalTokens: 3 }).costDetails).toEqual({ total: 0.3 });
  });

  test("is not made from prices without units", () => {
    expect(nativeUsage({ inputPrice: 0.000003 }).costDetails).toBeUndefined();
  });

  test("that is given wins over prices", () => {
    const calculated = { calculatedInputCost: 0.1, calculatedOutputCost: 0.2, calculatedTotalCost: 0.3 };
    expect(nativeUsage({ ...prices, ...calculated }).costDetails).toEqual({ input: 0.1, output: 0.2, total: 0.3 });
    expect(nativeUsage({ ...prices, usage: { totalCost: 0.5 } }).costDetails).toEqual({ total: 0.5 });
    expect(nativeUsage({ ...calculated, costDetails: { total: 0.9 } }).costDetails).toEqual({ total: 0.9 });
  });
});
