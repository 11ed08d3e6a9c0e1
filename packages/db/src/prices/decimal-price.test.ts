import Big from "big.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { multiply, scalePrices } from "./decimal-price.ts";

test("0.1 and 0.2 are 0.3", () => {
  expect(multiply(scalePrices({ input: 0.1, output: 0.2 }), { input: 1, output: 1 }, 2)).toEqual({
    costs: { input: 0.1, output: 0.2, total: 0.3 },
    total: "0.3",
  });
});

test("prices of millionths add up to the last digit", () => {
  const prices = scalePrices({ input: 0.000_002_5, output: 0.000_01, input_cached_tokens: 0.000_001_25 });
  expect(multiply(prices, { input: 3, input_cached_tokens: 1_000_001, output: 7 }, 1_000_011)).toEqual({
    costs: { input: 0.000_007_5, input_cached_tokens: 1.250_001_25, output: 0.000_07, total: 1.250_078_75 },
    total: "1.25007875",
  });
});

test("keys without a price cost nothing, and nothing has a cost where none has a price", () => {
  const prices = scalePrices({ input: 1 });
  expect(multiply(prices, { input: 2, unknown: 5 }, 7)).toEqual({ costs: { input: 2, total: 2 }, total: "2" });
  expect(multiply(prices, { unknown: 5 }, 5)).toBeUndefined();
  expect(multiply(prices, {}, 0)).toBeUndefined();
  expect(multiply(prices, { input: 0 }, 0)).toEqual({ costs: { input: 0, total: 0 }, total: "0" });
});

test("a price for the total is the price of everything", () => {
  const prices = scalePrices({ input: 0.5, total: 0.01 });
  expect(multiply(prices, { input: 2, output: 8 }, 10)).toEqual({
    costs: { input: 1, total: 0.1 },
    total: "0.1",
  });
  expect(multiply(scalePrices({ total: 0.01 }), { input: 2 }, 2)?.total).toBe("0.02");
  expect(multiply(scalePrices({ total: 0.1 }), { input: 2 ** 53 }, 2 ** 53)?.total).toBe("900719925474099.2");
});

const price = fc.oneof(
  fc.tuple(fc.nat(99_999), fc.integer({ min: -12, max: 2 })).map(([digits, power]) => Number(`${digits}e${power}`)),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
);
const amount = fc.oneof(fc.nat(2_000_000), fc.maxSafeNat(), fc.double({ min: 0, max: 1e12, noNaN: true }));

test("whatever the prices and amounts, the result is the decimal one", () => {
  const keys = ["a", "b", "c"] as const;
  fc.assert(
    fc.property(fc.tuple(price, price, price), fc.tuple(amount, amount, amount), (prices, amounts) => {
      const of = <T>(values: readonly T[]) => Object.fromEntries(keys.map((key, index) => [key, values[index] as T]));
      const products = keys.map((_, index) => new Big(prices[index] as number).times(amounts[index] as number));
      const total = products.reduce((sum, product) => sum.plus(product), new Big(0));
      expect(multiply(scalePrices(of(prices)), of(amounts), 0)).toEqual({
        costs: { ...of(products.map((product) => product.toNumber())), total: total.toNumber() },
        total: total.toFixed(),
      });
    }),
  );
});
