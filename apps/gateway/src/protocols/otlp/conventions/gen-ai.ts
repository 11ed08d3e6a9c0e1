import type { JsonValue, ObservationType } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention } from "./convention.ts";
import { inputMessages, outputMessages } from "./gen-ai-messages.ts";
import { belowPrefix, numberOf, text, textAt } from "./read-attributes.ts";
import { costFrom, usageFromCounts } from "./usage.ts";

/*
 * OpenTelemetry's semantic conventions for generative AI, of all versions that are still written.
 *
 * Source: open-telemetry/semantic-conventions up to 1.41 and open-telemetry/semantic-conventions-genai
 */

export const genAi: Convention = {
  name: "OpenTelemetry GenAI",
  namespaces: ["gen_ai"],
  observation: {
    type: (span) => OPERATION_TYPES.get(operationOf(span)) ?? memoryType(span),
    impliedType: ({ attributes }) => {
      if (attributes.has("gen_ai.tool.name") || attributes.has("gen_ai.tool.call.id")) return "TOOL";
      return attributes.has("gen_ai.request.model") || attributes.has("gen_ai.response.model")
        ? "GENERATION"
        : undefined;
    },
    name: text("gen_ai.tool.name"),
    model: text("gen_ai.response.model", "gen_ai.request.model"),
    modelParameters: (span) => {
      const parameters = requestParameters(span);
      return parameters.length === 0 ? undefined : objectOf(parameters);
    },
    usageDetails: (span) =>
      usageFromCounts(belowPrefix(span, "gen_ai.usage.").filter(([name]) => !name.endsWith("cost"))),
    costDetails: ({ attributes }) => costFrom(COSTS, (name) => attributes.get(name)),
    completionStartUs: firstTokenUs,
    input: inputMessages,
    output: outputMessages,
  },
  sumsItsChildren: (span) => {
    const operation = operationOf(span);
    return operation === "invoke_agent" || operation === "agent_step";
  },
  trace: {
    userId: text("gen_ai.user"),
    sessionId: text("gen_ai.conversation.id"),
  },
};

export function requestParameters(span: OtlpSpan): ReadonlyArray<readonly [string, JsonValue]> {
  return belowPrefix(span, "gen_ai.request.").filter(([name, value]) => name !== "model" && value !== null);
}

function operationOf({ attributes }: OtlpSpan): string {
  return textAt(attributes, "gen_ai.operation.name") ?? "";
}

const OPERATION_TYPES = new Map<string, ObservationType>([
  ["chat", "GENERATION"],
  ["completion", "GENERATION"],
  ["text_completion", "GENERATION"],
  ["generate_content", "GENERATION"],
  ["generate", "GENERATION"],
  ["embeddings", "EMBEDDING"],
  ["invoke_agent", "AGENT"],
  ["create_agent", "AGENT"],
  ["agent_step", "CHAIN"],
  ["invoke_workflow", "CHAIN"],
  ["execute_task", "CHAIN"],
  ["execute_event_loop_cycle", "CHAIN"],
  ["plan", "CHAIN"],
  ["execute_tool", "TOOL"],
  ["retrieval", "RETRIEVER"],
  ["rerank", "RETRIEVER"],
  ["search_memory", "RETRIEVER"],
  ["apply_guardrail", "GUARDRAIL"],
  ["run_guardrail", "GUARDRAIL"],
]);

/** create_memory, update_memory and what may follow them. */
function memoryType(span: OtlpSpan): ObservationType | undefined {
  return /(?:^|_)memory(?:_|$)/.test(operationOf(span)) ? "TOOL" : undefined;
}

const COSTS = [
  ["input", "gen_ai.usage.input_cost"],
  ["output", "gen_ai.usage.output_cost"],
  ["total", "gen_ai.usage.cost"],
] as const;

/**
 * Seconds by the conventions and the AI SDK, milliseconds from the server-side attribute that Strands
 * sends, or the first chunk's event.
 */
function firstTokenUs(span: OtlpSpan): number | undefined {
  const seconds = numberOf(
    span.attributes.get("gen_ai.response.time_to_first_chunk") ??
      span.attributes.get("gen_ai.client.operation.time_to_first_chunk"),
  );
  if (seconds !== undefined) return span.startUs + Math.round(seconds * 1_000_000);
  const ms = numberOf(span.attributes.get("gen_ai.server.time_to_first_token"));
  if (ms !== undefined) return span.startUs + Math.round(ms * 1_000);
  return span.events.find((event) => event.name === "gen_ai.content.completion.chunk")?.timeUs;
}
