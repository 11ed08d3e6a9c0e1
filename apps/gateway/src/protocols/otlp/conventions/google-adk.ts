import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, type ObservationType } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";
import type { Convention, Payload } from "./convention.ts";
import { firstOf, objectAt, text, valueAt } from "./read-attributes.ts";
import { usageFromCounts } from "./usage.ts";

/*
 * Google's Agent Development Kit, which writes requests and responses of Gemini as they are. Its
 * newer versions speak the GenAI conventions as well, and then without these attributes.
 *
 * Source: google-adk 1.14 and 2.13
 */

const REQUEST = "gcp.vertex.agent.llm_request";
const RESPONSE = "gcp.vertex.agent.llm_response";

export const googleAdk: Convention = {
  name: "Google ADK",
  namespaces: ["gcp"],
  observation: {
    type: (span) => SPAN_TYPES.find(([pattern]) => isOwn(span) && pattern.test(span.name))?.[1],
    modelParameters,
    usageDetails: geminiUsage,
    input: firstOf(requestMessages, filled(REQUEST, "gcp.vertex.agent.tool_call_args", "gcp.vertex.agent.data")),
    output: firstOf(responseMessage, filled(RESPONSE, "gcp.vertex.agent.tool_response")),
  },
  trace: {
    sessionId: text("gcp.vertex.agent.session_id"),
  },
};

/** Of spans that have no operation. */
const SPAN_TYPES: ReadonlyArray<readonly [RegExp, ObservationType]> = [
  [/^invocation$/, "CHAIN"],
  [/^agent_run \[/, "AGENT"],
  [/^call_llm$/, "GENERATION"],
  [/^(?:send_data|execute_tool)\b/, "TOOL"],
];

function isOwn(span: OtlpSpan): boolean {
  return span.scope.name === "gcp.vertex.agent" && !span.attributes.has("gen_ai.operation.name");
}

/** The first that is not `{}`, which is written where nothing was to be recorded. */
function filled(...keys: string[]) {
  return ({ attributes }: OtlpSpan): Payload | undefined => {
    for (const key of keys) {
      const value = valueAt(attributes, key);
      if (value !== undefined && !isEmpty(value)) return { value, attributes: keys };
    }
    return undefined;
  };
}

function isEmpty(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function requestMessages({ attributes }: OtlpSpan): Payload | undefined {
  const { contents, config, model: _, ...others } = objectAt(attributes, REQUEST) ?? {};
  if (!isJsonArray(contents)) return undefined;
  const { system_instruction: system, tools, ...rest } = isJsonObject(config) ? config : {};
  const messages = contents.map(messageOf);
  if (system !== undefined && system !== null) messages.unshift(systemMessage(system));
  const aside = objectOf(Object.entries({ ...rest, ...others }).filter(([name]) => ASIDE.has(name) || name in others));
  const input = chatInput({ value: messages, attributes: [REQUEST], aside });
  return isJsonArray(tools) ? withTools(input, { value: tools }) : input;
}

function responseMessage({ attributes }: OtlpSpan): Payload | undefined {
  const { content, finish_reason: reason, usage_metadata: _, ...aside } = objectAt(attributes, RESPONSE) ?? {};
  if (!isJsonObject(content)) return undefined;
  const message = { ...messageOf(content), ...(reason === undefined ? {} : { finish_reason: reason }) };
  const output = chatOutput({ value: message, attributes: [RESPONSE] });
  return output && { ...output, aside: { ...aside, ...output.aside } };
}

/** Gemini's content, its parts called as the GenAI conventions call them. */
function messageOf(content: JsonValue): JsonObject {
  if (!isJsonObject(content)) return { role: "user", content };
  const { role, parts, ...rest } = content;
  return {
    role: role === "model" ? "assistant" : (role ?? "user"),
    ...rest,
    parts: isJsonArray(parts) ? parts.map(partOf) : [],
  };
}

function systemMessage(system: JsonValue): JsonObject {
  return isJsonObject(system) ? { ...messageOf(system), role: "system" } : { role: "system", content: system };
}

function partOf(part: JsonValue): JsonValue {
  if (!isJsonObject(part)) return part;
  const { function_call: call, function_response: answer, text: said } = part;
  if (isJsonObject(call))
    return { type: "tool_call", ...idOf(call), name: call["name"] ?? "", arguments: call["args"] ?? {} };
  if (isJsonObject(answer))
    return { type: "tool_call_response", ...idOf(answer), response: answer["response"] ?? null };
  if (typeof said !== "string") return part;
  return part["thought"] === true ? { type: "reasoning", content: said } : { type: "text", content: said };
}

function idOf({ id }: JsonObject): JsonObject {
  return id === undefined ? {} : { id };
}

/** What of the request's configuration is no part of its prompt, by the names of the GenAI conventions. */
function modelParameters({ attributes }: OtlpSpan): JsonObject | undefined {
  const config = objectAt(attributes, REQUEST)?.["config"];
  if (!isJsonObject(config)) return undefined;
  const parameters = Object.entries(config)
    .filter(([name, value]) => name !== "system_instruction" && name !== "tools" && !ASIDE.has(name) && value !== null)
    .map(([name, value]) => [name === "max_output_tokens" ? "max_tokens" : name, value] as const);
  return parameters.length === 0 ? undefined : objectOf(parameters);
}

/** Of the configuration, but of no concern to the model. */
const ASIDE = new Set(["labels", "http_options"]);

/** Gemini's prompt counts include what was cached; what it thought is not among the candidates' tokens. */
function geminiUsage({ attributes }: OtlpSpan) {
  const counts = objectAt(attributes, RESPONSE)?.["usage_metadata"];
  if (!isJsonObject(counts)) return undefined;
  const of = (name: string) => {
    const count = counts[name];
    return typeof count === "number" ? count : 0;
  };
  const sums = { input: of("prompt_token_count") + of("tool_use_prompt_token_count"), total: of("total_token_count") };
  const thoughts = of("thoughts_token_count");
  const parts = { input_cached_tokens: of("cached_content_token_count"), output_reasoning_tokens: thoughts };
  return usageFromCounts([
    ...Object.entries({ ...sums, ...parts }).filter(([, count]) => count > 0),
    ["output", of("candidates_token_count") + thoughts],
  ]);
}
