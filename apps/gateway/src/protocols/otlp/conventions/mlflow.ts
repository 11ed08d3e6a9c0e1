import type { JsonObject, ObservationLevel, ObservationType } from "@xtrace/contract";
import { SPAN_STATUS_ERROR } from "../otlp-span.ts";
import type { Convention, Reader } from "./convention.ts";
import { metadataBelow, objectAt, payload, value } from "./read-attributes.ts";
import { COST_NAMES, costFrom, usageFromCounts } from "./usage.ts";

/*
 * MLflow's tracing. The value of every attribute is JSON text, so that names come in quotation
 * marks; those of the trace, which it copies to the root, are plain. User and session of the newer
 * versions are those of OpenTelemetry.
 *
 * Sources: mlflow-tracing 3.17; mlflow, tracing/constant.py
 */

export const mlflow: Convention = {
  name: "MLflow",
  namespaces: ["mlflow"],
  observation: {
    type: (span) => TYPES.get(spanType(span)?.toUpperCase() ?? ""),
    model: name("mlflow.llm.model"),
    level: (span) => (span.status.code === SPAN_STATUS_ERROR ? undefined : LEVELS.get(logLevel(span) ?? "")),
    usageDetails: ({ attributes }) => {
      const usage = objectAt(attributes, "mlflow.chat.tokenUsage");
      return usage && usageFromCounts(Object.entries(usage));
    },
    costDetails: ({ attributes }) => {
      const cost: JsonObject | undefined = objectAt(attributes, "mlflow.llm.cost");
      return cost && costFrom(COST_NAMES, (name) => cost[name]);
    },
    input: payload("mlflow.spanInputs"),
    output: payload("mlflow.spanOutputs"),
  },
  sumsItsChildren: (span) => spanType(span)?.toUpperCase() === "AGENT",
  trace: {
    userId: name("mlflow.trace.user"),
    sessionId: name("mlflow.trace.session"),
    metadata: (span) => metadataBelow(span, "mlflow.traceTag."),
    rootName: name("mlflow.traceName"),
  },
};

const spanType = name("mlflow.spanType");
const logLevel = name("mlflow.spanLogLevel");

const TYPES = new Map<string, ObservationType>([
  ["LLM", "GENERATION"],
  ["CHAT_MODEL", "GENERATION"],
  ["AGENT", "AGENT"],
  ["TOOL", "TOOL"],
  ["CHAIN", "CHAIN"],
  ["WORKFLOW", "CHAIN"],
  ["TASK", "CHAIN"],
  ["PARSER", "CHAIN"],
  ["RETRIEVER", "RETRIEVER"],
  ["RERANKER", "RETRIEVER"],
  ["EMBEDDING", "EMBEDDING"],
  ["EVALUATOR", "EVALUATOR"],
  ["GUARDRAIL", "GUARDRAIL"],
]);

/** Python's numbers. Every span says 20, also one that failed: that is no level. */
const LEVELS = new Map<string, ObservationLevel>([
  ["10", "DEBUG"],
  ["30", "WARNING"],
  ["40", "ERROR"],
  ["50", "ERROR"],
]);

/** Text, in quotation marks or not. */
function name(attribute: string): Reader<string> {
  const read = value(attribute);
  return (span) => {
    const found = read(span);
    return typeof found === "object" || found === undefined || found === "" ? undefined : String(found);
  };
}
