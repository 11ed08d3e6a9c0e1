import type { JsonObject, JsonValue } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Reader } from "./convention.ts";
import { requestParameters } from "./gen-ai.ts";
import { objectAt, text } from "./read-attributes.ts";

/**
 * The parameters of a call in two spellings: that of the GenAI conventions, which every other chat has, and that of
 * Langfuse, whose clients look for its keys.
 */
export function callParameters(span: OtlpSpan): JsonObject {
  return objectOf([...requestParameters(span), ...settings(span), ...asLangfuse(span)]);
}

/** Those that are no business of the model, such as how often to try again, only Langfuse names. */
const SETTINGS = new Map(
  Object.entries({
    maxTokens: "max_tokens",
    maxOutputTokens: "max_tokens",
    temperature: "temperature",
    topP: "top_p",
    topK: "top_k",
    frequencyPenalty: "frequency_penalty",
    presencePenalty: "presence_penalty",
    stopSequences: "stop_sequences",
    seed: "seed",
  }).map(([setting, name]) => [`ai.settings.${setting}`, name]),
);

function settings({ attributes }: OtlpSpan): Array<[string, JsonValue]> {
  const found: Array<[string, JsonValue]> = [];
  for (const [key, setting] of attributes) {
    const name = SETTINGS.get(key);
    if (name !== undefined && setting !== null) found.push([name, setting]);
  }
  const toolChoice = objectAt(attributes, "ai.prompt.toolChoice")?.["type"];
  if (toolChoice !== undefined) found.push(["tool_choice", toolChoice]);
  return found;
}

/**
 * Text, whatever was set. Langfuse has the temperature as text too, under the name that the number already has.
 *
 * Source: extractModelParameters of Langfuse's OtelIngestionProcessor, for spans of the scope "ai"
 */
const LANGFUSE: ReadonlyArray<readonly [string, Reader<string>]> = [
  ["maxTokens", text("gen_ai.request.max_tokens", "ai.settings.maxOutputTokens", "ai.settings.maxTokens")],
  ["maxSteps", text("ai.settings.maxSteps")],
  ["maxRetries", text("ai.settings.maxRetries")],
  ["mode", text("ai.settings.mode")],
  ["toolChoice", text("ai.prompt.toolChoice")],
  ["system", text("gen_ai.system", "ai.model.provider")],
  ["finishReason", text("ai.response.finishReason", "ai.finishReason")],
];

function asLangfuse(span: OtlpSpan): Array<[string, JsonValue]> {
  return LANGFUSE.flatMap(([name, read]) => {
    const found = read(span);
    return found === undefined ? [] : [[name, found] as [string, JsonValue]];
  });
}
