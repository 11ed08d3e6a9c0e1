import { isJsonArray, isJsonObject, type JsonValue } from "@xtrace/contract";
import { valueOfText } from "../json-text.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";
import type { Payload } from "./convention.ts";
import { firstOf, payload, valueAt } from "./read-attributes.ts";

/*
 * What a span of the AI SDK took and gave: of a request to a model its messages, of all else what
 * the user handed over and got back, as it is.
 */

const MESSAGES = "ai.prompt.messages";

export function modelInput(span: OtlpSpan): Payload | undefined {
  const messages = valueAt(span.attributes, MESSAGES);
  if (!isJsonArray(messages)) return given(span);
  return withTools(chatInput({ value: messages.map(messageOf), attributes: [MESSAGES] }), offeredTools(span));
}

const given = firstOf(
  payload(MESSAGES, "ai.prompt", "ai.toolCall.args", "ai.value", "ai.request.text", "ai.decision.questions"),
  listOfTexts("ai.values"),
  listOfTexts("ai.documents"),
);

const text = payload("ai.response.text", "ai.result.text");
const toolCalls = payload("ai.response.toolCalls", "ai.result.toolCalls");

export function modelOutput(span: OtlpSpan): Payload | undefined {
  const [said, calls] = [text(span), toolCalls(span)];
  if (!calls && !(said && span.attributes.has(MESSAGES))) return result(span);
  return chatOutput({
    value: {
      role: "assistant",
      content: said?.value ?? "",
      ...(isJsonArray(calls?.value) ? { tool_calls: calls.value.map(callOf) } : {}),
    },
    attributes: [...(said?.attributes ?? []), ...(calls?.attributes ?? [])],
  });
}

const result = firstOf(
  text,
  payload("ai.toolCall.result", "ai.response.object", "ai.result.object", "ai.embedding", "ai.decision.answers"),
  listOfTexts("ai.embeddings"),
  listOfTexts("ai.ranking"),
);

/** With the SDK's parts called as the GenAI conventions call them. */
function messageOf(message: JsonValue): JsonValue {
  if (!isJsonObject(message) || !isJsonArray(message["content"])) return message;
  const { content, ...rest } = message;
  return { ...rest, parts: content.map(partOf) };
}

function partOf(part: JsonValue): JsonValue {
  if (!isJsonObject(part)) return part;
  if (part["type"] === "tool-call") return { type: "tool_call", ...(callOf(part) as object) };
  if (part["type"] !== "tool-result") return part;
  // `result` up to version 4, `output` since 5: `{"type":"json","value":…}`.
  const { toolCallId: id = null, output, result: plain } = part;
  const value = isJsonObject(output) ? (output["value"] ?? output) : output;
  return { type: "tool_call_response", id, response: value ?? plain ?? null };
}

/** `args` up to version 4, `input` since 5. */
function callOf(call: JsonValue): JsonValue {
  if (!isJsonObject(call)) return call;
  const { toolCallId: id = null, toolName: name = null, input, args } = call;
  return { id, name, arguments: input ?? args ?? null };
}

/** `parameters` up to version 4, `inputSchema` since 5. */
function toolOf(tool: JsonValue): JsonValue {
  if (!isJsonObject(tool) || tool["type"] !== "function") return tool;
  const { type, inputSchema, ...rest } = tool;
  return { type, function: inputSchema === undefined ? rest : { ...rest, parameters: inputSchema } };
}

function offeredTools(span: OtlpSpan): Payload | undefined {
  const tools = listOfTexts("ai.prompt.tools")(span);
  return tools && isJsonArray(tools.value) ? { ...tools, value: tools.value.map(toolOf) } : undefined;
}

/** A list of texts, each of which is JSON. */
function listOfTexts(key: string) {
  return ({ attributes }: OtlpSpan): Payload | undefined => {
    const list = valueAt(attributes, key);
    if (!isJsonArray(list)) return undefined;
    return { value: list.map((item) => (typeof item === "string" ? valueOfText(item) : item)), attributes: [key] };
  };
}
