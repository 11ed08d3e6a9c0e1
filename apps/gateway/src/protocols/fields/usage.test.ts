import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { costsOf, unitsOf, usageFields } from "./usage.ts";

describe("unitsOf", () => {
  test("keeps whole numbers under the keys they came with", () => {
    expect(unitsOf({ input: 3, output: 4, cache_read_input_tokens: 2 })).toEqual({
      input: 3,
      output: 4,
      cache_read_input_tokens: 2,
    });
  });

  test("takes the parts of a Chat Completions usage off the whole", () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 4, audio_tokens: null },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    expect(unitsOf(usage)).toEqual({
      input: 6,
      input_cached_tokens: 4,
      output: 3,
      output_reasoning_tokens: 2,
      total: 15,
    });
  });

  test("reads a Responses usage the same way", () => {
    const usage = {
      input_tokens: 10,
      output_tokens: 5,
      total_tokens: 15,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens_details: { reasoning_tokens: 2 },
    };
    expect(unitsOf(usage)).toEqual({
      input: 6,
      input_cached_tokens: 4,
      output: 3,
      output_reasoning_tokens: 2,
      total: 15,
    });
  });

  test("never goes below zero when the parts exceed the whole", () => {
    const usage = { prompt_tokens: 3, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 5 } };
    expect(unitsOf(usage)).toEqual({ input: 0, input_cached_tokens: 5, output: 0 });
  });

  test("reads camelCase counts", () => {
    expect(unitsOf({ promptTokens: 3, completionTokens: 4, totalTokens: 7 })).toEqual({
      input: 3,
      output: 4,
      total: 7,
    });
  });

  test("reads them beside Langfuse's own keys, which say nothing", () => {
    expect(unitsOf({ input: null, output: null, promptTokens: 3, completionTokens: 4 })).toEqual({
      input: 3,
      output: 4,
    });
  });

  test("reads an embedding's usage, which has no output", () => {
    expect(unitsOf({ prompt_tokens: 8, total_tokens: 8 })).toEqual({ input: 8, total: 8 });
  });

  test("keeps the parts when the whole is missing", () => {
    const usage = { completion_tokens: 5, prompt_tokens_details: { cached_tokens: 4 } };
    expect(unitsOf(usage)).toEqual({ input_cached_tokens: 4, output: 5 });
  });

  test("leaves out what is negative, fractional, absurd or no number", () => {
    const usage = { input: -1, output: 1.5, total: 1e13, a: "3", b: null, c: true, d: { e: 1 }, f: [1], ok: 0 };
    expect(unitsOf(usage)).toEqual({ ok: 0 });
    expect(unitsOf({ input: -1 })).toBeUndefined();
    expect(unitsOf({ prompt_tokens: 1, prompt_tokens_details: "much" })).toEqual({ input: 1 });
  });

  test("keeps a hundred keys of a million, and no key of a megabyte", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 1]));
    expect(Object.keys(unitsOf(many) ?? {})).toHaveLength(100);
    expect(unitsOf({ ["k".repeat(1_000_000)]: 1 })).toBeUndefined();
  });
});

describe("usageFields", () => {
  test("lets usageDetails and costDetails win over usage", () => {
    const usage = { input: 1, output: 2, total: 3, unit: "TOKENS", inputCost: 0.1, totalCost: 0.2 };
    expect(usageFields({ usage, usageDetails: { input: 9 }, costDetails: { input: 0.25 } })).toEqual({
      usageDetails: { input: 9 },
      usageUnit: "TOKENS",
      costDetails: { input: 0.25 },
    });
  });

  test("reads costs out of usage and never counts them as units", () => {
    const usage = { input: 1, output: 2, total: 3, unit: "CHARACTERS", inputCost: 1, outputCost: 2, totalCost: 3 };
    expect(usageFields({ usage })).toEqual({
      usageDetails: { input: 1, output: 2, total: 3 },
      usageUnit: "CHARACTERS",
      costDetails: { input: 1, output: 2, total: 3 },
    });
  });

  test("falls back to usage when the details hold nothing", () => {
    expect(usageFields({ usage: { input: 1 }, usageDetails: { input: -1 }, costDetails: {} })).toEqual({
      usageDetails: { input: 1 },
      usageUnit: undefined,
      costDetails: undefined,
    });
  });

  test("counts OpenAI's shapes in tokens", () => {
    expect(usageFields({ usage: { promptTokens: 1 } }).usageUnit).toBe("TOKENS");
  });

  test("says nothing about nothing", () => {
    const nothing = { usageDetails: undefined, usageUnit: undefined, costDetails: undefined };
    expect(usageFields({})).toEqual(nothing);
    expect(usageFields({ usage: null, usageDetails: null, costDetails: null })).toEqual(nothing);
  });

  test("splits a whole into keys that add up to it again", () => {
    const counts = fc.dictionary(fc.string(), fc.nat(1000), { maxKeys: 20 });
    fc.assert(
      fc.property(fc.nat(10_000), counts, (whole, parts) => {
        const units = unitsOf({ input_tokens: whole, input_tokens_details: parts }) ?? {};
        const partSum = Object.values(parts).reduce((sum, part) => sum + part, 0);
        const unitSum = Object.values(units).reduce((sum, unit) => sum + unit, 0);
        expect(unitSum).toBe(Math.max(whole, partSum));
      }),
    );
  });
});

describe("costsOf", () => {
  test("keeps amounts from zero up and drops everything else", () => {
    expect(costsOf({ input: 0, output: 0.1, total: -1, a: "0.1", b: null, c: 1e13 })).toEqual({
      input: 0,
      output: 0.1,
    });
    expect(costsOf({ total: -1 })).toBeUndefined();
  });
});
