import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { setMembers } from "../../fields/json-object.ts";
import type { Payload } from "./convention.ts";

/*
 * Messages of all conventions in one shape, that of OpenAI's Chat Completions API, because a chat
 * is to read the same whoever recorded it: `role`, `content` (text, or a list of parts; null beside
 * tool calls alone), `tool_calls` (whose arguments are JSON text), `tool_call_id`, and whatever else
 * the message had. What has none of the known shapes stays as it is.
 *
 * Sources: parts of the GenAI semantic conventions since 1.37, choices of those up to 1.36, the
 * nested messages of OpenInference, the flat ones of OpenLLMetry.
 */

/** The messages that a model was given. */
export function chatInput(found: Payload | undefined): Payload | undefined {
  return found && isJsonArray(found.value) ? { ...found, value: found.value.flatMap(chatMessages) } : found;
}

/**
 * The message that a model answered, or the list of its answers if it gave several. Why each ended
 * is no part of the message, and is kept aside.
 */
export function chatOutput(found: Payload | undefined): Payload | undefined {
  if (!found) return undefined;
  const answers = isJsonArray(found.value) ? found.value : [found.value];
  if (!answers.some(isMessage)) return found;
  const messages = answers.flatMap((answer) => chatMessages(withoutReason(answer)));
  const reasons = answers.map((answer) => (isMessage(answer) ? (answer["finish_reason"] ?? null) : null));
  const [only] = messages;
  return {
    ...found,
    value: messages.length === 1 && only !== undefined ? only : messages,
    ...(reasons.some((reason) => reason !== null) ? { aside: { finish_reasons: reasons } } : {}),
  };
}

/** Beside the tools that the model was offered, as instrumentations of OpenAI's client have it. */
export function withTools(messages: Payload | undefined, tools: Payload | undefined): Payload | undefined {
  if (!messages || !tools || !isJsonArray(messages.value)) return messages;
  return {
    ...messages,
    value: { messages: messages.value, tools: tools.value },
    attributes: [...(messages.attributes ?? []), ...(tools.attributes ?? [])],
  };
}

function isMessage(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && (typeof value["role"] === "string" || isMessage(value["message"]));
}

/** A choice has its place among the others for an index. */
function withoutReason(answer: JsonValue): JsonValue {
  if (!isMessage(answer)) return answer;
  const { finish_reason: _, index: _index, ...rest } = answer;
  return rest;
}

/** One as a rule; the results of several tools may stand in one message, and become one each. */
function chatMessages(message: JsonValue): readonly JsonValue[] {
  if (!isMessage(message)) return [message];
  const { message: nested, parts, ...rest } = message;
  if (isJsonArray(parts)) return fromParts(rest, parts);
  if (isJsonObject(nested)) return [tidied({ ...rest, ...nested })];
  // The choice of an instrumentation that has a list of content blocks, or text, for a message.
  return [tidied(nested === undefined ? message : { ...rest, content: nested })];
}

function fromParts({ content: _, ...message }: JsonObject, parts: readonly JsonValue[]): readonly JsonObject[] {
  const content: JsonValue[] = [];
  const calls: JsonObject[] = [];
  const results: JsonObject[] = [];
  for (const part of parts) {
    const type = isJsonObject(part) ? part["type"] : undefined;
    if (!isJsonObject(part)) content.push(part);
    else if (type === "text" && part["text"] === undefined) content.push({ type, text: part["content"] ?? "" });
    else if (type === "tool_call") calls.push(part);
    else if (type === "tool_call_response") results.push(resultOf(part));
    else content.push(part);
  }
  if (results.length > 0 && content.length === 0 && calls.length === 0) return results;
  const spoken = content.filter((part) => !isJsonObject(part) || part["type"] !== "text" || part["text"] !== "");
  const whole = tidied({
    ...message,
    content: plainText(spoken) ?? (spoken.length === 0 ? "" : spoken),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  });
  return [whole, ...results];
}

function resultOf(part: JsonObject): JsonObject {
  const { id, response, result } = part;
  return { role: "tool", ...(id === undefined ? {} : { tool_call_id: id }), content: response ?? result ?? null };
}

/** The text of content that is a single text. */
function plainText(content: readonly JsonValue[]): string | undefined {
  const [only] = content;
  if (content.length !== 1 || !isJsonObject(only) || only["type"] !== "text") return undefined;
  return typeof only["text"] === "string" && Object.keys(only).length === 2 ? only["text"] : undefined;
}

function tidied(message: JsonObject): JsonObject {
  const { role, content, contents, tool_calls: calls, ...others } = message;
  const tidy: Record<string, JsonValue> = role === undefined ? {} : { role };
  const blocks = isJsonArray(contents) && contents.length > 0 ? contents.map(contentBlock) : undefined;
  const said = blocks ? (plainText(blocks) ?? blocks) : content;
  if (isJsonArray(calls) && calls.length > 0) {
    tidy["content"] = said === undefined || said === "" ? null : said;
    tidy["tool_calls"] = calls.map(toolCall);
  } else {
    if (said !== undefined) tidy["content"] = said;
    if (calls !== undefined && calls !== null && !isJsonArray(calls)) tidy["tool_calls"] = calls;
  }
  if (role === "tool" && others["tool_call_id"] === undefined && typeof others["id"] === "string") {
    const { id, ...rest } = others;
    return { ...tidy, ...rest, tool_call_id: id };
  }
  setMembers(tidy, others);
  return tidy;
}

/** OpenInference nests each under its own name. */
function contentBlock(block: JsonValue): JsonValue {
  const inner = isJsonObject(block) ? (block["message_content"] ?? block) : block;
  if (!isJsonObject(inner)) return inner;
  const image = isJsonObject(inner["image"]) ? inner["image"]["image"] : undefined;
  return isJsonObject(image) ? { type: "image_url", image_url: image } : inner;
}

function toolCall(call: JsonValue): JsonValue {
  if (!isJsonObject(call)) return call;
  const inner = isJsonObject(call["tool_call"]) ? call["tool_call"] : call;
  const sent = isJsonObject(inner["function"]) ? inner["function"] : inner;
  const { name, arguments: given } = sent;
  if (name === undefined) return call;
  return {
    ...(inner["id"] === undefined ? {} : { id: inner["id"] }),
    type: "function",
    function: { name, arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}) },
  };
}
