/**
 * What is priced, and the usage keys that count it. Keys are disjoint, because a cost is the sum over them: `input` leaves
 * out what stands under the others. Where a price list has no price for a part, the part costs what the
 * whole does: `orElse`.
 *
 * Sources: the keys of the gateway's decoders; those that Langfuse's SDKs pass on as Anthropic and Google name them.
 */
export const PRICE_KEYS = {
  input: { keys: ["input", "input_text_tokens", "prompt_token_count", "promptTokenCount"], orElse: null },
  output: {
    keys: [
      "output",
      "output_text_tokens",
      "output_accepted_prediction_tokens",
      "output_rejected_prediction_tokens",
      "candidates_token_count",
      "candidatesTokenCount",
    ],
    orElse: null,
  },
  cached: {
    keys: [
      "input_cached_tokens",
      "input_cached_text_tokens",
      "input_cache_read",
      "cache_read_input_tokens",
      "cached_content_token_count",
      "cachedContentTokenCount",
    ],
    orElse: "input",
  },
  cacheWrite: {
    keys: [
      "input_cache_creation",
      "input_cache_creation_5m",
      "input_cache_write",
      "cache_creation_input_tokens",
      "input_cache_creation_tokens",
    ],
    orElse: "input",
  },
  cacheWrite1h: { keys: ["input_cache_creation_1h"], orElse: "cacheWrite" },
  reasoning: {
    keys: [
      "output_reasoning_tokens",
      "output_reasoning",
      "reasoning_tokens",
      "thoughts_token_count",
      "thoughtsTokenCount",
    ],
    orElse: "output",
  },
  inputAudio: { keys: ["input_audio_tokens", "input_audio"], orElse: "input" },
  cachedAudio: { keys: ["input_cached_audio_tokens"], orElse: "cached" },
  outputAudio: { keys: ["output_audio_tokens", "output_audio"], orElse: "output" },
  inputImage: { keys: ["input_image_tokens", "input_image"], orElse: "input" },
  cachedImage: { keys: ["input_cached_image_tokens"], orElse: "cached" },
  outputImage: { keys: ["output_image_tokens", "output_image"], orElse: "output" },
  inputVideo: { keys: ["input_video_tokens", "input_video"], orElse: "input" },
  outputVideo: { keys: ["output_video_tokens", "output_video"], orElse: "output" },
  webSearch: { keys: ["web_search_queries", "web_search_requests"], orElse: null },
} as const satisfies Record<string, { readonly keys: readonly string[]; readonly orElse: string | null }>;

export type PriceKey = keyof typeof PRICE_KEYS;

/** US dollars for a million units. */
export type MillionPrices = { readonly [K in PriceKey]?: number };

const ENTRIES = Object.entries(PRICE_KEYS) as Array<[PriceKey, (typeof PRICE_KEYS)[PriceKey]]>;

/** US dollars for one unit, by every usage key that has a price. */
export function pricesByUsageKey(prices: MillionPrices): Record<string, number> {
  const priceOf = (key: PriceKey | null): number | undefined =>
    key === null ? undefined : (prices[key] ?? priceOf(PRICE_KEYS[key].orElse));
  return Object.fromEntries(
    ENTRIES.flatMap(([key, { keys }]) => {
      const price = priceOf(key);
      // By way of text, as a division would not come out exact.
      return price === undefined ? [] : keys.map((usageKey) => [usageKey, millionth(price)]);
    }),
  );
}

const INPUT_KEYS: ReadonlySet<string> = new Set(ENTRIES.flatMap(([key, { keys }]) => (isPartOfInput(key) ? keys : [])));

/** Whether a usage key counts input, all of it or a part: by its name, or as one of the keys above. */
export function countsInput(usageKey: string): boolean {
  return usageKey.startsWith("input") || INPUT_KEYS.has(usageKey);
}

function isPartOfInput(key: PriceKey): boolean {
  const { orElse } = PRICE_KEYS[key];
  return key === "input" || (orElse !== null && isPartOfInput(orElse));
}

function millionth(price: number): number {
  const [digits, exponent = "0"] = String(price).split("e");
  return Number(`${digits}e${Number(exponent) - 6}`);
}
