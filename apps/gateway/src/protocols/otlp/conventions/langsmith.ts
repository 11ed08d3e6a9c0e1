import type { ObservationType } from "@xtrace/contract";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention } from "./convention.ts";
import { metadataBelow, objectAt, text, textAt, value } from "./read-attributes.ts";
import { tagsOf } from "./tags.ts";
import { COST_NAMES, costFrom, usageFromCounts } from "./usage.ts";

/*
 * LangSmith's OpenTelemetry exporter. It also writes attributes of the GenAI conventions, the whole
 * inputs and outputs of a run as `gen_ai.prompt` and `gen_ai.completion` among them, but calls a
 * retriever's operation `embeddings`: so its own word for what a run is comes first.
 *
 * Source: langsmith 0.12
 */

const METADATA = "langsmith.metadata.";

export const langSmith: Convention = {
  name: "LangSmith",
  namespaces: ["langsmith"],
  observation: {
    type: (span) => TYPES.get(kindOf(span)),
    usageDetails: (span) => {
      const usage = usageMetadata(span);
      return usage && usageFromCounts(Object.entries(usage).filter(([name]) => !name.includes("cost")));
    },
    costDetails: (span) => {
      const usage = usageMetadata(span);
      return usage && costFrom(COST_NAMES, (name) => usage[name]);
    },
  },
  // A run that passes on a model's answer passes on what that has cost.
  sumsItsChildren: (span) => TYPES.get(kindOf(span)) === "CHAIN",
  trace: {
    userId: text(`${METADATA}user_id`),
    sessionId: text(`${METADATA}session_id`, `${METADATA}thread_id`, `${METADATA}conversation_id`),
    tags: (span) => tagsOf(tags(span)),
    metadata: (span) => metadataBelow(span, METADATA, isOfOneRun),
    rootName: text("langsmith.trace.name"),
  },
};

const tags = value("langsmith.span.tags");

function kindOf({ attributes }: OtlpSpan): string {
  return (textAt(attributes, "langsmith.span.kind") ?? "").toLowerCase();
}

function usageMetadata({ attributes }: OtlpSpan) {
  return objectAt(attributes, "langsmith.usage_metadata");
}

const TYPES = new Map<string, ObservationType>([
  ["llm", "GENERATION"],
  ["chain", "CHAIN"],
  ["tool", "TOOL"],
  ["retriever", "RETRIEVER"],
  ["embedding", "EMBEDDING"],
  ["prompt", "CHAIN"],
  ["parser", "CHAIN"],
]);

/** LangSmith's own keys tell of the run that they stand on, and the trace has fields for user and session. */
function isOfOneRun(name: string): boolean {
  return name.startsWith("ls_") || OF_RUN.has(name);
}

const OF_RUN = new Set(["user_id", "session_id", "invocation_params", "usage_metadata"]);
