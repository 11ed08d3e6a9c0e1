import { isJsonArray, isJsonObject, type JsonValue } from "@xtrace/contract";
import type { OtlpEvent, OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput } from "./chat-messages.ts";
import type { Convention, Payload } from "./convention.ts";
import { CHOICE_EVENT, MESSAGE_EVENT, messageEvents, withInstructions } from "./gen-ai-messages.ts";
import { payload, textAt, valueAt } from "./read-attributes.ts";
import { costFrom } from "./usage.ts";

/*
 * Pydantic AI, where it differs from the GenAI conventions: the messages of a whole run on the span
 * of the agent, and before version 2 of its format all messages in one attribute, as a list of the
 * events that the conventions had.
 *
 * Source: pydantic-ai 1.0 and 2.68, whose format versions are 1 to 5
 */

const ALL_MESSAGES = "pydantic_ai.all_messages";
/** On a request to a model, and on the run of an agent. */
const EVENT_LISTS = ["events", "all_messages_events"];

export const pydanticAi: Convention = {
  name: "Pydantic AI",
  namespaces: ["pydantic-ai"],
  observation: {
    type: (span) => (isRun(span) ? "AGENT" : undefined),
    costDetails: ({ attributes }) => costFrom([["total", "operation.cost"]], (name) => attributes.get(name)),
    input: (span) =>
      chatInput(allMessages(span) ?? listedEvents(span, (name) => MESSAGE_EVENT.test(name))) ?? toolArguments(span),
    output: (span) =>
      finalResult(span) ?? chatOutput(listedEvents(span, (name) => name === CHOICE_EVENT)) ?? toolResponse(span),
  },
  sumsItsChildren: isRun,
};

function allMessages({ attributes }: OtlpSpan): Payload | undefined {
  return attributes.has(ALL_MESSAGES) ? withInstructions(attributes, [], ALL_MESSAGES) : undefined;
}

const finalResult = payload("final_result");
const toolArguments = payload("tool_arguments");
const toolResponse = payload("tool_response");

/** Before version 2 of the format the span of an agent had no operation. */
function isRun({ attributes }: OtlpSpan): boolean {
  return attributes.has("agent_name") && attributes.has("model_name");
}

function listedEvents(span: OtlpSpan, isOne: (eventName: string) => boolean): Payload | undefined {
  for (const key of EVENT_LISTS) {
    const list = valueAt(span.attributes, key);
    const found = isJsonArray(list) ? messageEvents({ events: list.flatMap(asEvent) }, isOne) : undefined;
    if (found) return { value: found.value, attributes: [key] };
  }
  return undefined;
}

function asEvent(item: JsonValue): readonly OtlpEvent[] {
  if (!isJsonObject(item)) return [];
  const attributes = new Map(Object.entries(item));
  return [{ name: textAt(attributes, "event.name") ?? "", timeUs: 0, attributes }];
}
