import type { JsonObject, ObservationType } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention, Payload } from "./convention.ts";
import { requestParameters } from "./gen-ai.ts";
import { belowPrefix, firstOf, metadataBelow, payload, text, textAt } from "./read-attributes.ts";
import { usageFromCounts } from "./usage.ts";

/*
 * OpenLLMetry, the instrumentations of Traceloop, and its SDK's workflows: what they write beside the
 * attributes of the semantic conventions. The `llm.…` ones are older, and others copied them.
 *
 * Sources: @traceloop/ai-semantic-conventions and @traceloop/instrumentation-openai, 0.20 and 0.27
 */

const PROPERTIES = "traceloop.association.properties.";
/** Laminar's instrumentations began as a copy of these. */
const LAMINAR = "lmnr.association.properties.";

export const openLlmetry: Convention = {
  name: "OpenLLMetry",
  namespaces: ["traceloop", "lmnr", "llm", "db"],
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
    input: payload("traceloop.entity.input"),
    output: firstOf(payload("traceloop.entity.output"), foundInDatabase),
  },
  trace: {
    userId: text(`${PROPERTIES}user_id`, `${LAMINAR}user_id`, "llm.user"),
    sessionId: text(
      `${PROPERTIES}session_id`,
      `${PROPERTIES}thread_id`,
      `${PROPERTIES}conversation_id`,
      `${LAMINAR}session_id`,
    ),
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
