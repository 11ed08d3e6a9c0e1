import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { setMember } from "../../fields/json-object.ts";
import { valueOfText } from "../json-text.ts";
import type { Attributes, OtlpEvent, OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";
import type { Payload } from "./convention.ts";
import { flattenedCompletions, flattenedPrompts, functionsOffered } from "./flattened-messages.ts";
import { payload, valueAt } from "./read-attributes.ts";

/*
 * Where the messages of a call stand, newest convention last, in the order in which they are looked
 * for. Input and output are looked for apart, so that one may come from an event and the other not.
 */

const DETAILS_EVENT = "gen_ai.client.inference.operation.details";
const INPUT_MESSAGES = "gen_ai.input.messages";
const OUTPUT_MESSAGES = "gen_ai.output.messages";
const SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions";

export function inputMessages(span: OtlpSpan): Payload | undefined {
  const messages =
    inputOfDetails(span) ??
    messageEvents(span, (name) => MESSAGE_EVENT.test(name)) ??
    contentEvents(span, "gen_ai.content.prompt", "gen_ai.prompt") ??
    plainPrompt(span) ??
    flattenedPrompts(span) ??
    withInstructions(span.attributes, []);
  const chat = withTools(chatInput(messages), toolDefinitions(span) ?? functionsOffered(span));
  return isToolCall(span) ? (argumentsOfWork(span) ?? chat) : (chat ?? argumentsOfWork(span));
}

export function outputMessages(span: OtlpSpan): Payload | undefined {
  const messages =
    outputOfDetails(span) ??
    messageEvents(span, (name) => name === CHOICE_EVENT) ??
    contentEvents(span, "gen_ai.content.completion", "gen_ai.completion") ??
    plainCompletion(span) ??
    flattenedCompletions(span) ??
    outputAttribute(span);
  const chat = chatOutput(messages);
  return isToolCall(span) ? (resultOfWork(span) ?? chat) : (chat ?? resultOfWork(span));
}

/** Strands has the arguments of a tool both as they are and in a message. */
function isToolCall({ attributes }: OtlpSpan): boolean {
  return attributes.get("gen_ai.operation.name") === "execute_tool";
}

const plainPrompt = payload("gen_ai.prompt");
const plainCompletion = payload("gen_ai.completion");
const outputAttribute = payload(OUTPUT_MESSAGES);
const toolDefinitions = payload("gen_ai.tool.definitions");
const argumentsOfWork = payload("gen_ai.tool.call.arguments", "gen_ai.retrieval.query.text", "gen_ai.guardrail.input");
const resultOfWork = payload("gen_ai.tool.call.result", "gen_ai.retrieval.documents", "gen_ai.guardrail.output");

/** The conventions know one such event. Strands writes one for each side, and its instructions in a third. */
function inputOfDetails(span: OtlpSpan): Payload | undefined {
  const events = detailsWith(span, INPUT_MESSAGES, SYSTEM_INSTRUCTIONS);
  return events.length === 0 ? undefined : withInstructions(unite(span.attributes, events), events);
}

function outputOfDetails(span: OtlpSpan): Payload | undefined {
  const events = detailsWith(span, OUTPUT_MESSAGES);
  if (events.length === 0) return undefined;
  const value = valueAt(unite(span.attributes, events), OUTPUT_MESSAGES);
  return value === undefined ? undefined : { value, events };
}

function detailsWith(span: OtlpSpan, ...keys: string[]): readonly OtlpEvent[] {
  return span.events.filter(
    ({ name, attributes }) => name === DETAILS_EVENT && keys.some((key) => valueAt(attributes, key) !== undefined),
  );
}

/** Lists of several events are one list. */
function unite(weaker: Attributes, events: readonly OtlpEvent[]): Attributes {
  const united = new Map<string, JsonValue>();
  for (const { attributes } of events) {
    for (const key of attributes.keys()) {
      const [earlier, later] = [united.get(key), valueAt(attributes, key)];
      if (later !== undefined)
        united.set(key, isJsonArray(earlier) && isJsonArray(later) ? [...earlier, ...later] : later);
    }
  }
  return new Map([...weaker, ...united]);
}

/** The system's instructions are a message like the others, unless one of them is it already. */
export function withInstructions(
  attributes: Attributes,
  events: readonly OtlpEvent[],
  messagesKey = INPUT_MESSAGES,
): Payload | undefined {
  const messages = valueAt(attributes, messagesKey);
  const instructions = valueAt(attributes, SYSTEM_INSTRUCTIONS);
  const from = { attributes: [messagesKey, SYSTEM_INSTRUCTIONS], events };
  if (instructions === undefined) return messages === undefined ? undefined : { value: messages, ...from };
  const system = { role: "system", [isJsonArray(instructions) ? "parts" : "content"]: instructions };
  if (messages === undefined) return { value: [system], ...from };
  // Text that is no list of messages has no place for another one.
  if (!isJsonArray(messages)) return { value: messages, attributes: [messagesKey], events };
  return { value: messages.some(isSystemMessage) ? messages : [system, ...messages], ...from };
}

function isSystemMessage(message: JsonValue): boolean {
  return isJsonObject(message) && message["role"] === "system";
}

/** Source: semantic conventions up to 1.36, one event for each message. */
export const MESSAGE_EVENT = /^gen_ai\.(?:system|user|assistant|tool)\.message$/;
export const CHOICE_EVENT = "gen_ai.choice";

export function messageEvents(
  span: Pick<OtlpSpan, "events">,
  isOne: (eventName: string) => boolean,
): Payload | undefined {
  const events = span.events.filter(({ name }) => isOne(name));
  return events.length === 0 ? undefined : { value: events.map(messageOf), events };
}

function messageOf({ name, attributes }: OtlpEvent): JsonObject {
  const message: Record<string, JsonValue> = { role: name === CHOICE_EVENT ? "assistant" : (name.split(".")[1] ?? "") };
  for (const [key, value] of attributes) {
    const field = fieldOf(key, value);
    // Semantic Kernel puts the whole message into one attribute; the others of this name repeat the span's.
    if (key === "gen_ai.event.content") {
      for (const [name, part] of Object.entries(isJsonObject(field) ? field : { content: field }))
        setMember(message, name, part);
    } else if (!key.startsWith("gen_ai.") && !key.startsWith("event.")) setMember(message, key, field);
  }
  return message;
}

/** What somebody said is text, whatever it looks like, unless it is a list of blocks. */
function fieldOf(key: string, value: JsonValue): JsonValue {
  const parsed = typeof value === "string" ? valueOfText(value) : value;
  return key === "content" && !isJsonArray(parsed) ? value : parsed;
}

/** Source: semantic conventions up to 1.27, one event with all messages as JSON text. */
function contentEvents(span: OtlpSpan, eventName: string, attribute: string): Payload | undefined {
  if (span.events.length === 0) return undefined;
  const events = span.events.filter(({ name }) => name === eventName);
  const values = events.map((event) => valueAt(event.attributes, attribute)).filter((value) => value !== undefined);
  const [only] = values;
  if (only === undefined) return undefined;
  return { value: values.length === 1 ? only : values, events };
}
