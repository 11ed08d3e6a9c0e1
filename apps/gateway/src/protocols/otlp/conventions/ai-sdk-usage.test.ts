import { expect, test } from "vitest";
import { decodeSpan } from "../fixtures/decode-fixture.ts";
import type { Values } from "../fixtures/export-of.ts";

const usage = (attributes: Values, provider?: Values) =>
  decodeSpan({
    attributes: {
      "ai.operationId": "ai.generateText.doGenerate",
      ...attributes,
      ...(provider ? { "ai.response.providerMetadata": JSON.stringify(provider) } : {}),
    },
  }).observation.usageDetails;

const counts = { "ai.usage.inputTokens": 500, "ai.usage.outputTokens": 40 };

test.each<[string, Values, Values | undefined, Values | undefined]>([
  ["none without a count", {}, undefined, undefined],
  [
    "the older names",
    { "ai.usage.promptTokens": 5, "ai.usage.completionTokens": 2 },
    undefined,
    { input: 5, output: 2 },
  ],
  [
    "the oldest names",
    { "gen_ai.usage.prompt_tokens": 5, "gen_ai.usage.completion_tokens": 2 },
    undefined,
    { input: 5, output: 2 },
  ],
  [
    "OpenAI's cached tokens, which are part of the input",
    counts,
    { openai: { cachedPromptTokens: 100, reasoningTokens: 30 } },
    { input: 400, input_cached_tokens: 100, output: 10, output_reasoning_tokens: 30 },
  ],
  [
    "Anthropic's, which are not, and what it keeps for five minutes and for an hour",
    { ...counts, "ai.usage.cachedInputTokens": 100, "ai.usage.totalTokens": 540 },
    {
      anthropic: {
        cacheCreationInputTokens: 60,
        usage: {
          input_tokens: 500,
          cache_read_input_tokens: 100,
          cache_creation_input_tokens: 60,
          cache_creation: { ephemeral_5m_input_tokens: 40, ephemeral_1h_input_tokens: 20 },
        },
      },
    },
    {
      input: 500,
      output: 40,
      total: 540,
      input_cached_tokens: 100,
      input_cache_creation: 0,
      input_cache_creation_5m: 40,
      input_cache_creation_1h: 20,
    },
  ],
  [
    "Anthropic's of version 4, where only the written ones are named",
    { "ai.usage.promptTokens": 500 },
    { anthropic: { cacheCreationInputTokens: 60, usage: { input_tokens: 500 } } },
    { input: 500, input_cache_creation: 60 },
  ],
  [
    "Bedrock's, which are not part of the input either",
    counts,
    { bedrock: { usage: { cacheReadInputTokens: 100, cacheWriteInputTokens: 60 } } },
    { input: 500, output: 40, input_cached_tokens: 100, input_cache_creation: 60 },
  ],
  [
    "every part that version 6 counts, whoever the provider is",
    {
      ...counts,
      "ai.usage.inputTokenDetails.noCacheTokens": 340,
      "ai.usage.inputTokenDetails.cacheReadTokens": 100,
      "ai.usage.inputTokenDetails.cacheWriteTokens": 60,
      "ai.usage.outputTokenDetails.reasoningTokens": 30,
    },
    { anthropic: { usage: { input_tokens: 340, cache_read_input_tokens: 100 } }, bedrock: { usage: {} } },
    {
      input: 340,
      output: 10,
      input_cached_tokens: 100,
      input_cache_creation: 60,
      output_reasoning_tokens: 30,
    },
  ],
  ["metadata that is no object as none", counts, { anthropic: "x", openai: 1 }, { input: 500, output: 40 }],
])("has %s", (_, sent, provider, expected) => expect(usage(sent, provider)).toEqual(expected));
