import type { JsonObject, ObservationType } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention } from "./convention.ts";
import { openInferenceInput, openInferenceOutput } from "./openinference-payloads.ts";
import { belowPrefix, metadataAt, objectAt, text, textAt, value } from "./read-attributes.ts";
import { tagsOf } from "./tags.ts";
import { costFrom, usageFromCounts } from "./usage.ts";

/*
 * OpenInference, which Arize's instrumentations write, and those of LlamaIndex, CrewAI, smolagents,
 * Agno, DSPy, Haystack and LangChain with it. User and session are those of OpenTelemetry.
 *
 * Source: @arizeai/openinference-semantic-conventions 2
 */

export const openInference: Convention = {
  name: "OpenInference",
  namespaces: ["openinference", "llm", "input", "output", "retrieval", "reranker", "embedding", "metadata", "tag"],
  observation: {
    type: (span) => TYPES.get(kindOf(span)),
    impliedType,
    model: text(
      "llm.response.model_name",
      "llm.model_name",
      "llm.request.model_name",
      "embedding.model_name",
      "reranker.model_name",
    ),
    modelParameters: invocationParameters,
    usageDetails: (span) => usageFromCounts(belowPrefix(span, "llm.token_count.")),
    costDetails: ({ attributes }) => costFrom(COSTS, (name) => attributes.get(name)),
    metadata: ({ attributes }) => metadataAt(attributes, METADATA),
    input: (span) => openInferenceInput(span, isOfModel(span)),
    output: (span) => openInferenceOutput(span, isOfModel(span)),
    completionStartUs: (span) => span.events.find(({ name }) => name === "First Token Stream Event")?.timeUs,
  },
  sumsItsChildren: (span) => kindOf(span) === "AGENT",
  trace: {
    tags: (span) => tagsOf(tags(span)),
    metadata: ({ attributes }) => metadataAt(attributes, METADATA),
  },
  isMapped: (attribute) => attribute === METADATA,
};

const METADATA = "metadata";
const tags = value("tag.tags");

function kindOf({ attributes }: OtlpSpan): string {
  return (textAt(attributes, "openinference.span.kind") ?? "").toUpperCase();
}

const TYPES = new Map<string, ObservationType>([
  ["LLM", "GENERATION"],
  ["CHAIN", "CHAIN"],
  ["AGENT", "AGENT"],
  ["TOOL", "TOOL"],
  ["RETRIEVER", "RETRIEVER"],
  ["RERANKER", "RETRIEVER"],
  ["EMBEDDING", "EMBEDDING"],
  ["GUARDRAIL", "GUARDRAIL"],
  ["EVALUATOR", "EVALUATOR"],
  ["PROMPT", "CHAIN"],
]);

function impliedType({ attributes }: OtlpSpan): ObservationType | undefined {
  if (attributes.has("llm.model_name")) return "GENERATION";
  return attributes.has("embedding.model_name") ? "EMBEDDING" : undefined;
}

/** Whether messages, where there are any, are what the span is about. */
function isOfModel(span: OtlpSpan): boolean {
  const kind = kindOf(span);
  return kind === "LLM" || kind === "";
}

/** Costs of parts are within these, and stay in the metadata. */
const COSTS = [
  ["input", "llm.cost.prompt"],
  ["output", "llm.cost.completion"],
  ["total", "llm.cost.total"],
] as const;

function invocationParameters(span: OtlpSpan): JsonObject | undefined {
  const whole = objectAt(span.attributes, "llm.invocation_parameters");
  const parts = belowPrefix(span, "llm.invocation_parameters.");
  const parameters = [...Object.entries(whole ?? {}), ...parts].filter(
    ([name, parameter]) => parameter !== null && name !== "model" && name !== "tools" && name !== "messages",
  );
  return parameters.length === 0 ? undefined : objectOf(parameters);
}
