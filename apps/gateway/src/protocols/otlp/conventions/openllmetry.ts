import { isJsonObject, type JsonObject, type JsonValue, type ObservationType } from "@xtrace/contract";
import { isJsonArray, objectOf } from "../json-object.ts";
import { valueOfText } from "../json-text.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";
import type { Convention, Payload } from "./convention.ts";
import { requestParameters } from "./gen-ai.ts";
import { listBelow } from "./indexed.ts";
import { belowPrefix, firstOf, metadataBelow, payload, text, textAt } from "./read-attributes.ts";
import { usageFromCounts } from "./usage.ts";

/*
 * OpenLLMetry, the instrumentations of Traceloop, and its SDK's workflows. Beside them are what the
 * instrumentations wrote before they took up the messages of the semantic conventions: flattened
 * prompts and completions, and `llm.…` attributes, which others copied.
 *
 * Sources: @traceloop/ai-semantic-conventions and @traceloop/instrumentation-openai, 0.20 and 0.27
 */

const PROPERTIES = "traceloop.association.properties.";

export const openLlmetry: Convention = {
  name: "OpenLLMetry",
  namespaces: ["traceloop", "gen_ai", "llm", "db"],
  observation: {
    type: ({ attributes }) =>
      KINDS.get(textAt(attributes, "traceloop.span.kind") ?? "") ??
      REQUESTS.get(textAt(attributes, "llm.request.type") ?? ""),
    model: text("llm.response.model", "llm.request.model"),
    modelParameters: legacyParameters,
    usageDetails: (span) => {
      const legacy = belowPrefix(span, "llm.usage.");
      return legacy.length === 0 ? undefined : usageFromCounts([...belowPrefix(span, "gen_ai.usage."), ...legacy]);
    },
    input: firstOf(
      (span) => withTools(chatInput(flattened(span, "gen_ai.prompt.")), functionsOffered(span)),
      payload("traceloop.entity.input"),
    ),
    output: firstOf(
      (span) => chatOutput(flattened(span, "gen_ai.completion.")),
      payload("traceloop.entity.output"),
      foundInDatabase,
    ),
  },
  trace: {
    userId: text(`${PROPERTIES}user_id`, "llm.user"),
    sessionId: text(`${PROPERTIES}session_id`, `${PROPERTIES}thread_id`, `${PROPERTIES}conversation_id`),
    metadata: (span) => metadataBelow(span, PROPERTIES, (name) => name === "user_id" || name === "session_id"),
    rootName: text("traceloop.workflow.name"),
  },
};

const KINDS = new Map<string, ObservationType>([
  ["workflow", "CHAIN"],
  ["task", "CHAIN"],
  ["agent", "AGENT"],
  ["tool", "TOOL"],
]);

const REQUESTS = new Map<string, ObservationType>([
  ["chat", "GENERATION"],
  ["completion", "GENERATION"],
  ["embedding", "EMBEDDING"],
  ["rerank", "RETRIEVER"],
]);

const LEGACY_PARAMETERS = [
  ["top_k", "llm.top_k"],
  ["frequency_penalty", "llm.frequency_penalty"],
  ["presence_penalty", "llm.presence_penalty"],
  ["stop_sequences", "llm.chat.stop_sequences"],
] as const;

function legacyParameters(span: OtlpSpan): JsonObject | undefined {
  const legacy = LEGACY_PARAMETERS.flatMap(([name, attribute]) => {
    const value = span.attributes.get(attribute);
    return value === undefined || value === null ? [] : [[name, value] as const];
  });
  return legacy.length === 0 ? undefined : objectOf([...legacy, ...requestParameters(span)]);
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

function functionsOffered(span: OtlpSpan): Payload | undefined {
  const found = listBelow(span, "llm.request.functions.");
  return found && isJsonArray(found.value) ? { ...found, value: found.value.map(tool) } : undefined;
}

function tool(offered: JsonValue): JsonValue {
  if (!isJsonObject(offered)) return offered;
  const { arguments: older, parameters = older, ...rest } = offered;
  const schema = typeof parameters === "string" ? valueOfText(parameters) : parameters;
  return { type: "function", function: { ...rest, ...(schema === undefined ? {} : { parameters: schema }) } };
}

/** What a vector database found, an event for each. */
function foundInDatabase({ events }: OtlpSpan): Payload | undefined {
  const results = events.filter(({ name }) => name === "db.query.result" || name === "db.search.result");
  if (results.length === 0) return undefined;
  const value = results.map(({ name, attributes }) =>
    objectOf(
      [...attributes].map(([key, found]) => [key.startsWith(`${name}.`) ? key.slice(name.length + 1) : key, found]),
    ),
  );
  return { value, events: results };
}
