import type { PricingTier } from "@xtrace/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BUILT_IN_PRICES } from "./price-book.ts";
import { pricedModel } from "./priced-model.ts";

type Prices = Readonly<Record<string, number>>;

const tier = (prices: Prices, more: Partial<PricingTier> = {}): PricingTier => ({
  id: "standard",
  name: "Standard",
  isDefault: true,
  priority: 0,
  conditions: [],
  prices,
  ...more,
});

function costOf(usageDetails: Prices, ...pricingTiers: readonly PricingTier[]) {
  const model = pricedModel({
    id: "m",
    projectId: null,
    modelName: "m",
    matchPattern: "m",
    startDate: null,
    unit: "TOKENS",
    tokenizerId: null,
    tokenizerConfig: null,
    pricingTiers,
    createdAt: 0,
  });
  return model.price({ usageDetails, modelParameters: null, metadata: null }, usageDetails["total"] ?? 0).costs;
}

test("a total alone is input where nothing else has a price", () => {
  const expected = { costs: { input: 0.000_000_12, total: 0.000_000_12 }, total: "0.00000012" };
  expect(costOf({ total: 6 }, tier({ input: 0.000_000_02 }))).toEqual(expected);
  expect(costOf({ total: 6 }, tier({ input: 0.000_000_02, promptTokenCount: 1 }))).toEqual(expected);
  expect(costOf({ total: 0 }, tier({ input: 1 }))).toEqual({ costs: { input: 0, total: 0 }, total: "0" });
});

test("parts of which there are none say nothing of a total", () => {
  const expected = { costs: { input: 12, total: 12 }, total: "12" };
  expect(costOf({ input: 0, output: 0, total: 6 }, tier({ input: 2 }))).toEqual(expected);
  expect(costOf({ seconds: 0, total: 6 }, tier({ input: 2 }))).toEqual(expected);
  expect(costOf({ input: 0, output: 0, total: 6 }, tier({ input: 2, output: 3 }))).toMatchObject({ total: "0" });
});

test("a total has no cost of its own beside what it is the total of", () => {
  expect(costOf({ total: 6, input: 5 }, tier({ input: 2 }))).toMatchObject({ total: "10" });
  expect(costOf({ total: 6, seconds: 5 }, tier({ input: 2 }))).toBeUndefined();
});

test.each<Prices>([
  { input: 1, output: 1 },
  { input: 1, output_audio_tokens: 9 },
  { input: 1, candidatesTokenCount: 9 },
  { input: 1, characters: 9 },
  { input_audio_tokens: 9 },
])("a total alone costs nothing where it may be something else: %j", (prices) => {
  expect(costOf({ total: 6 }, tier(prices))).toBeUndefined();
  expect(costOf({ total: 6 }, tier({ input: 1 }), tier(prices, { priority: 1 }))).toBeUndefined();
});

test("a price of the total goes before that of input", () => {
  expect(costOf({ total: 6 }, tier({ input: 1, total: 2 }))).toEqual({ costs: { total: 12 }, total: "12" });
});

test("a total alone decides about the tier as input does", () => {
  const condition = { usageDetailPattern: "^input", operator: "gt" as const, value: 100, caseSensitive: false };
  const long = tier({ input: 2 }, { id: "long", priority: 1, conditions: [condition] });
  expect(costOf({ total: 100 }, tier({ input: 1 }), long)?.total).toBe("100");
  expect(costOf({ total: 101 }, tier({ input: 1 }), long)?.total).toBe("202");
});

test("a total alone costs what as much input does, whatever the price and the amount", () => {
  const price = fc.double({ min: 0, max: 1e6, noNaN: true });
  const amount = fc.oneof(fc.maxSafeNat(), fc.double({ min: 0, max: 1e12, noNaN: true }));
  fc.assert(
    fc.property(price, amount, (input, total) => {
      expect(costOf({ total }, tier({ input }))).toEqual(costOf({ input: total, total }, tier({ input })));
    }),
  );
});

test("an embedding by a built-in model", () => {
  const facts = { usageDetails: { total: 6 }, modelParameters: null, metadata: null };
  const priced = (name: string) => BUILT_IN_PRICES.find("p", name, 0)?.price(facts, 6);
  expect(priced("text-embedding-3-small")?.costs?.total).toBe("0.00000012");
  expect(priced("gpt-4o")).toMatchObject({ applied: { output: 0.000_01 }, costs: undefined });
});
