import { readFile } from "node:fs/promises";
import { calcPrice, waitForUpdate, type Provider } from "@pydantic/genai-prices";
import { beforeAll, describe, expect, test } from "vitest";
import { BUILT_IN_MODELS } from "../../src/prices/built-in-models.ts";
import { BUILT_IN_PRICES } from "../../src/prices/price-book.ts";
import { builtInModelsText, toldIn } from "./built-in-models.ts";
import { PROVIDERS } from "./providers.ts";

const FILE = new URL("../../src/prices/built-in-models.json", import.meta.url);
/** After the release, before any period that has not begun. */
const NOW = new Date("2026-10-01T20:00:00Z");
const NOW_US = NOW.getTime() * 1_000;

let providers: readonly Provider[] = [];
beforeAll(async () => {
  providers = (await waitForUpdate()) ?? [];
});

function find(name: string) {
  return BUILT_IN_PRICES.find("p", name, NOW_US);
}

function costOf(name: string, usageDetails: Record<string, number>): number | undefined {
  const facts = { usageDetails, modelParameters: null, metadata: null };
  return find(name)?.price(facts, 0).costs?.costs["total"];
}

test("the file is what the installed release makes", async () => {
  // Not as a diff, which would be of hundreds of lines: `pnpm db:prices` makes it anew.
  expect((await readFile(FILE, "utf8")) === (await builtInModelsText())).toBe(true);
});

test("ids are unique and stand in a path", () => {
  const ids = BUILT_IN_MODELS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(encodeURIComponent(id)).toBe(id);
});

test("every name that a first provider tells costs what its package says", () => {
  const claimed = new Set<string>();
  let compared = 0;
  for (const { id: providerId, prefixes, bare } of PROVIDERS) {
    for (const model of providers.find(({ id }) => id === providerId)?.models ?? []) {
      for (const told of toldIn(model.match)) {
        const name = bare ? told : `${prefixes[0]}${told}`;
        if (claimed.has(name)) continue;
        claimed.add(name);
        const theirs = calcPrice({ input_tokens: 1_000, cache_read_tokens: 200, output_tokens: 100 }, told, {
          providerId,
          timestamp: NOW,
        });
        if (!theirs || Object.keys(theirs.model_price).length === 0 || "requests_kcount" in theirs.model_price)
          continue;
        // An earlier provider may take the name by a wider rule; its prices are then the ones.
        if (!find(name)?.id.startsWith(`${providerId}.`)) continue;
        const ours = costOf(name, { input: 800, input_cached_tokens: 200, output: 100 });
        expect.soft(ours ?? 0, `${providerId} ${name}`).toBeCloseTo(theirs.total_price, 12);
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(400);
});

describe("names that clients send", () => {
  test.each([
    ["gpt-4o", "openai.gpt-4o"],
    ["GPT-4o", "openai.gpt-4o"],
    ["openai/gpt-4o", "openai.gpt-4o"],
    ["azure/gpt-4o", "openai.gpt-4o"],
    ["openai:gpt-4o", "openai.gpt-4o"],
    ["gpt-4o-2024-08-06", "openai.gpt-4o"],
    ["gpt-4o-2024-05-13", "openai.gpt-4o-2024-05-13"],
    ["gpt-4o-2031-12-24", "openai.gpt-4o"],
    ["gpt-4o-mini-2024-07-18", "openai.gpt-4o-mini"],
    ["gpt-35-turbo", "openai.gpt-3.5-turbo"],
    ["text-embedding-3-small", "openai.text-embedding-3-small"],
    ["o3-mini", "openai.o3-mini"],
    ["ft:gpt-4o-mini-2024-07-18:acme::abc123", "openai.ft-gpt-4o-mini"],
    ["claude-3-5-sonnet-20241022", "anthropic.claude-3-5-sonnet"],
    ["claude-3-5-sonnet-latest", "anthropic.claude-3-5-sonnet"],
    ["anthropic/claude-3.5-sonnet", "anthropic.claude-3-5-sonnet"],
    ["claude-sonnet-4-5@20250929", "anthropic.claude-sonnet-4-5"],
    ["claude-sonnet-4-5-20250929", "anthropic.claude-sonnet-4-5"],
    ["vertex_ai/claude-3-5-sonnet-v2@20241022", "google.claude-3-5-sonnet"],
    ["models/gemini-2.5-flash", "google.gemini-2.5-flash"],
    ["gemini/gemini-2.5-pro", "google.gemini-2.5-pro"],
    ["gemini-2.5-pro-preview-tts", "google.gemini-2.5-pro-tts"],
    ["mistral-large-latest", "mistral.mistral-large"],
    ["groq/llama-3.1-8b-instant", "groq.llama-3.1-8b-instant"],
    ["deepseek/deepseek-chat", "deepseek.deepseek-chat"],
    ["xai/grok-3", "x-ai.grok-3"],
  ])("%s is %s", (name, id) => {
    expect(find(name)?.id).toBe(id);
  });

  test.each([["us.anthropic.claude-3-5-sonnet-20241022-v2:0"], ["bedrock/anthropic.claude-sonnet-4-20250514-v1:0"]])(
    "%s is one of Bedrock's",
    (name) => {
      expect(find(name)?.id).toMatch(/^aws\.regional\.anthropic\.claude-/);
    },
  );

  test.each([
    ["my-own-gpt-4o"],
    ["gpt-4o-of-mine"],
    ["deepseek-r1:8b"],
    ["deepseek/deepseek-chat:free"],
    ["llama-3.1-8b-instant"],
    ["qwen2.5-instruct"],
    ["x".repeat(1_000)],
    [""],
  ])("%s is nobody's", (name) => {
    expect(find(name)).toBeNull();
  });
});

test("parts without a price of their own cost what the whole does", () => {
  const usage = { input_audio_tokens: 1_000_000, output_reasoning_tokens: 1_000_000 };
  const { costs } = find("gpt-4.1")?.price({ usageDetails: usage, modelParameters: null, metadata: null }, 0) ?? {};
  expect(costs?.costs).toEqual({ input_audio_tokens: 2, output_reasoning_tokens: 8, total: 10 });
});

test("a cache write of an hour has its own price", () => {
  const million = { input_cache_creation_5m: 1_000_000, input_cache_creation_1h: 1_000_000 };
  const model = find("claude-opus-5-5");
  const { costs } = model?.price({ usageDetails: million, modelParameters: null, metadata: null }, 0) ?? {};
  expect(costs?.costs).toEqual({ input_cache_creation_5m: 5, input_cache_creation_1h: 8, total: 13 });
});

test("much input makes all of a call dearer, cached or not", () => {
  expect(costOf("gemini-2.5-pro", { input: 200_000, output: 1_000 })).toBe(0.26);
  expect(costOf("gemini-2.5-pro", { input: 100_000, input_cached_tokens: 100_001, output: 1_000 })).toBe(0.290_000_25);
});

test("a price holds from its day on", () => {
  const at = (day: string) => BUILT_IN_PRICES.find("p", "gemini-3.6-flash", Date.parse(day) * 1_000)?.id;
  expect(at("2026-12-31")).toBe("google.gemini-3.6-flash");
  expect(at("2027-01-01")).toBe("google.gemini-3.6-flash.2027-01-01");
});
