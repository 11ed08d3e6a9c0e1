import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { valueOfText } from "../json-text.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Payload } from "./convention.ts";
import { listBelow } from "./indexed.ts";

/*
 * Messages as OpenLLMetry flattened them before the semantic conventions had any in attributes. Many
 * others took that over.
 *
 * Source: @traceloop/instrumentation-openai 0.20
 */

export function flattenedPrompts(span: OtlpSpan): Payload | undefined {
  return flattened(span, "gen_ai.prompt.");
}

export function flattenedCompletions(span: OtlpSpan): Payload | undefined {
  return flattened(span, "gen_ai.completion.");
}

/** Parts of a message that are no text are JSON text, also the content that there is none. */
function flattened(span: OtlpSpan, prefix: string): Payload | undefined {
  const found = listBelow(span, prefix);
  if (!found || !isJsonArray(found.value)) return undefined;
  return { ...found, value: found.value.map((message) => (isJsonObject(message) ? contentParsed(message) : message)) };
}

function contentParsed(message: JsonObject): JsonObject {
  const { content, ...rest } = message;
  if (content === "null") return rest;
  const isParts = typeof content === "string" && /^\s*\[\s*\{/.test(content);
  return isParts ? { ...message, content: valueOfText(content) } : message;
}

export function functionsOffered(span: OtlpSpan): Payload | undefined {
  const found = listBelow(span, "llm.request.functions.");
  return found && isJsonArray(found.value) ? { ...found, value: found.value.map(tool) } : undefined;
}

function tool(offered: JsonValue): JsonValue {
  if (!isJsonObject(offered)) return offered;
  const { arguments: older, parameters = older, ...rest } = offered;
  const schema = typeof parameters === "string" ? valueOfText(parameters) : parameters;
  return { type: "function", function: { ...rest, ...(schema === undefined ? {} : { parameters: schema }) } };
}
