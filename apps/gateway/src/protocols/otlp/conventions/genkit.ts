import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type ObservationType } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";
import type { Convention, Payload } from "./convention.ts";
import { firstOf, objectAt, payload, text, textAt } from "./read-attributes.ts";
import { usageFromCounts } from "./usage.ts";

/*
 * Genkit, which writes what each of its actions took and gave, and what kind of action it was.
 *
 * Source: genkit 1.42
 */

const INPUT = "genkit:input";
const OUTPUT = "genkit:output";

export const genkit: Convention = {
  name: "Genkit",
  namespaces: ["genkit-tracer", "genkit:name"],
  observation: {
    type: ({ attributes }) => TYPES.get(textAt(attributes, "genkit:metadata:subtype") ?? ""),
    name: text("genkit:name"),
    level: ({ attributes }) => (textAt(attributes, "genkit:state") === "error" ? "ERROR" : undefined),
    model: (span) => (isModel(span) || isEmbedder(span) ? textAt(span.attributes, "genkit:name") : undefined),
    modelParameters: (span) => {
      const config = Object.entries(objectIn(modelJson(span, INPUT), "config") ?? {});
      return config.length === 0
        ? undefined
        : objectOf(config.map(([name, value]) => [PARAMETERS.get(name) ?? name, value]));
    },
    usageDetails: (span) => usageOf(objectIn(modelJson(span, OUTPUT), "usage")),
    input: firstOf(requestMessages, payload(INPUT)),
    output: firstOf(responseMessage, payload(OUTPUT)),
  },
  trace: {
    sessionId: text("genkit:sessionId"),
  },
};

/** By the names of the GenAI conventions. Others are those of one provider. */
const PARAMETERS = new Map([
  ["maxOutputTokens", "max_tokens"],
  ["topK", "top_k"],
  ["topP", "top_p"],
  ["stopSequences", "stop_sequences"],
]);

const TYPES = new Map<string, ObservationType>([
  ["model", "GENERATION"],
  ["background-model", "GENERATION"],
  ["embedder", "EMBEDDING"],
  ["tool", "TOOL"],
  ["tool.v2", "TOOL"],
  ["retriever", "RETRIEVER"],
  ["reranker", "RETRIEVER"],
  ["evaluator", "EVALUATOR"],
  ["flow", "CHAIN"],
  ["agent", "AGENT"],
]);

function isModel({ attributes }: OtlpSpan): boolean {
  return TYPES.get(textAt(attributes, "genkit:metadata:subtype") ?? "") === "GENERATION";
}

function isEmbedder({ attributes }: OtlpSpan): boolean {
  return textAt(attributes, "genkit:metadata:subtype") === "embedder";
}

/** Of models alone: what calls them repeats their answers, usage and all. */
function modelJson(span: OtlpSpan, key: string): JsonObject | undefined {
  return isModel(span) ? objectAt(span.attributes, key) : undefined;
}

function objectIn(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const child = object?.[name];
  return isJsonObject(child) ? child : undefined;
}

function requestMessages(span: OtlpSpan): Payload | undefined {
  const { messages, config: _, tools, ...rest } = modelJson(span, INPUT) ?? {};
  if (!isJsonArray(messages)) return undefined;
  const aside = objectOf(Object.entries(rest).filter(([, value]) => !isEmpty(value)));
  const input = chatInput({ value: messages.map(messageOf), attributes: [INPUT], aside });
  return isJsonArray(tools) && tools.length > 0 ? withTools(input, { value: tools }) : input;
}

function responseMessage(span: OtlpSpan): Payload | undefined {
  const { message, finishReason, usage: _, ...aside } = modelJson(span, OUTPUT) ?? {};
  if (!isJsonObject(message)) return undefined;
  const answer = { ...messageOf(message), ...(finishReason === undefined ? {} : { finish_reason: finishReason }) };
  const output = chatOutput({ value: answer, attributes: [OUTPUT] });
  return output && { ...output, aside: { ...aside, ...output.aside } };
}

/** With Genkit's parts called as the GenAI conventions call them. */
function messageOf(message: JsonValue): JsonObject {
  if (!isJsonObject(message)) return { role: "user", content: message };
  const { role, content, ...rest } = message;
  return {
    role: role === "model" ? "assistant" : (role ?? "user"),
    ...rest,
    parts: isJsonArray(content) ? content.map(partOf) : [],
  };
}

function partOf(part: JsonValue): JsonValue {
  if (!isJsonObject(part)) return part;
  const { toolRequest: call, toolResponse: answer, text: said, reasoning } = part;
  if (isJsonObject(call))
    return { type: "tool_call", ...idOf(call), name: call["name"] ?? "", arguments: call["input"] ?? {} };
  if (isJsonObject(answer)) return { type: "tool_call_response", ...idOf(answer), response: answer["output"] ?? null };
  if (typeof reasoning === "string") return { type: "reasoning", content: reasoning };
  return typeof said === "string" ? { type: "text", content: said } : part;
}

function idOf({ ref }: JsonObject): JsonObject {
  return ref === undefined ? {} : { id: ref };
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === "object" && (value === null || Object.keys(value).length === 0);
}

/** Thoughts are part of the output with some plugins and not with others: the total tells. */
function usageOf(usage: JsonObject | undefined) {
  if (!usage) return undefined;
  const of = (name: string) => {
    const count = usage[name];
    return typeof count === "number" ? count : 0;
  };
  const thoughts = of("thoughtsTokens");
  const areApart = of("inputTokens") + of("outputTokens") + thoughts <= of("totalTokens");
  const counts = {
    input: of("inputTokens"),
    output: of("outputTokens") + (areApart ? thoughts : 0),
    total: of("totalTokens"),
    input_cached_tokens: of("cachedContentTokens"),
    output_reasoning_tokens: thoughts,
  };
  return usageFromCounts(Object.entries(counts).filter(([, count]) => count > 0));
}
