import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { Attributes, OtlpSpan } from "../otlp-span.ts";
import type { Amounts } from "./convention.ts";
import { numberOf, objectAt } from "./read-attributes.ts";
import { usageFromCounts } from "./usage.ts";

/**
 * What one request of the AI SDK used.
 *
 * Version 6 counts every part of it. Before, cached and written tokens stand in what the provider
 * answered, and whether they are part of the input is the provider's choice: with Anthropic and
 * Bedrock they are not.
 */
export function usageOf({ attributes }: OtlpSpan): Amounts | undefined {
  const provider = objectAt(attributes, "ai.response.providerMetadata") ?? {};
  const [openai, anthropic, bedrock] = ["openai", "anthropic", "bedrock"].map((name) => at(provider, name));
  const [claude, converse] = [at(anthropic, "usage"), at(bedrock, "usage")];
  const sent = (...names: string[]) => firstCount(attributes, names);

  const cached =
    sent(
      "ai.usage.inputTokenDetails.cacheReadTokens",
      "ai.usage.cachedInputTokens",
      "gen_ai.usage.cache_read.input_tokens",
    ) ??
    countAt(openai, "cachedPromptTokens") ??
    countAt(claude, "cache_read_input_tokens") ??
    countAt(converse, "cacheReadInputTokens");
  const written =
    sent("ai.usage.inputTokenDetails.cacheWriteTokens", "gen_ai.usage.cache_creation.input_tokens") ??
    countAt(claude, "cache_creation_input_tokens") ??
    countAt(anthropic, "cacheCreationInputTokens") ??
    countAt(converse, "cacheWriteInputTokens", "cacheCreationInputTokens");
  const given =
    sent("ai.usage.inputTokens", "gen_ai.usage.input_tokens") ??
    sent("ai.usage.promptTokens", "gen_ai.usage.prompt_tokens", "ai.usage.tokens");
  const apart =
    sent("ai.usage.inputTokenDetails.noCacheTokens") ??
    countAt(claude, "input_tokens") ??
    (converse ? given : undefined);

  const usage = usageFromCounts(
    defined({
      input: apart === undefined ? given : apart + (cached ?? 0) + (written ?? 0),
      output: sent(
        "ai.usage.outputTokens",
        "gen_ai.usage.output_tokens",
        "ai.usage.completionTokens",
        "gen_ai.usage.completion_tokens",
      ),
      total: sent("ai.usage.totalTokens", "ai.usage.tokens"),
      input_cached_tokens: cached,
      input_cache_creation: written,
      output_reasoning_tokens:
        sent("ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens") ??
        countAt(openai, "reasoningTokens"),
    }),
  );
  return usage && withLifetimes(usage, at(claude, "cache_creation"));
}

/** Anthropic's two prices for what is written to the cache, by how long it is kept. */
function withLifetimes(usage: Amounts, lifetimes: JsonObject | undefined): Amounts {
  const parts = defined({
    input_cache_creation_5m: countAt(lifetimes, "ephemeral_5m_input_tokens"),
    input_cache_creation_1h: countAt(lifetimes, "ephemeral_1h_input_tokens"),
  }).filter(([, count]) => count > 0);
  if (parts.length === 0) return usage;
  const known = parts.reduce((sum, [, count]) => sum + count, 0);
  return {
    ...usage,
    ...(objectOf(parts) as Amounts),
    input_cache_creation: Math.max((usage["input_cache_creation"] ?? 0) - known, 0),
  };
}

function firstCount(attributes: Attributes, names: readonly string[]): number | undefined {
  for (const name of names) {
    const count = numberOf(attributes.get(name));
    if (count !== undefined) return count;
  }
  return undefined;
}

function countAt(object: JsonObject | undefined, ...names: string[]): number | undefined {
  for (const name of names) {
    const count: JsonValue | undefined = object?.[name];
    if (typeof count === "number") return count;
  }
  return undefined;
}

function at(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const child = object?.[name];
  return isJsonObject(child) ? child : undefined;
}

function defined(counts: Readonly<Record<string, number | undefined>>): Array<[string, number]> {
  return Object.entries(counts).filter((entry): entry is [string, number] => entry[1] !== undefined);
}
