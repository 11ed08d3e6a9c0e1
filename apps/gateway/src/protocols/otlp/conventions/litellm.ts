import type { JsonObject, ObservationType } from "@xtrace/contract";
import { objectOf } from "../../fields/json-object.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { Convention, Payload } from "./convention.ts";
import { metadataBelow, text, textAt, valueAt } from "./read-attributes.ts";
import { costFrom } from "./usage.ts";

/*
 * What LiteLLM adds to the GenAI conventions: calls by the name of its own function, its costs, the
 * metadata of the request, and below each call a span with the request and response as the
 * provider had them.
 *
 * Source: litellm, integrations/opentelemetry.py
 */

const METADATA = "metadata.";

export const liteLlm: Convention = {
  name: "LiteLLM",
  namespaces: ["llm", "metadata"],
  observation: {
    type: ({ attributes }) => CALLS.get(textAt(attributes, "llm.request.type")?.replace(/^a(?!udio)/, "") ?? ""),
    costDetails: ({ attributes }) => costFrom(COSTS, (name) => attributes.get(name)),
    input: (span) => ofProvider(span, ["messages", "input", "prompt", "contents"]),
    output: (span) => ofProvider(span, ["choices", "content", "output", "candidates", "stringified_raw_response"]),
  },
  trace: {
    userId: (span) => (isLiteLlm(span) ? text(`${METADATA}user_api_key_end_user_id`)(span) : undefined),
    metadata: requestMetadata,
  },
};

const COSTS = [
  ["input", "gen_ai.cost.input_cost"],
  ["output", "gen_ai.cost.output_cost"],
  ["total", "gen_ai.cost.total_cost"],
] as const;

function isLiteLlm({ scope }: OtlpSpan): boolean {
  return scope.name === "litellm";
}

/** Asynchronous ones have an `a` before. */
const CALLS = new Map<string, ObservationType>([
  ["completion", "GENERATION"],
  ["text_completion", "GENERATION"],
  ["responses", "GENERATION"],
  ["anthropic_messages", "GENERATION"],
  ["generate_content", "GENERATION"],
  ["embedding", "EMBEDDING"],
  ["rerank", "RETRIEVER"],
]);

/** Values that there are none of are Python's word for it. */
function requestMetadata(span: OtlpSpan): JsonObject | undefined {
  if (!isLiteLlm(span)) return undefined;
  const metadata = Object.entries(metadataBelow(span, METADATA) ?? {}).filter(
    ([, value]) => value !== "" && value !== "None" && value !== null,
  );
  return metadata.length === 0 ? undefined : objectOf(metadata);
}

/** `llm.openai.messages` for OpenAI. */
function ofProvider(span: OtlpSpan, names: readonly string[]): Payload | undefined {
  if (span.name !== "raw_gen_ai_request") return undefined;
  for (const name of names) {
    for (const attribute of span.attributes.keys()) {
      const [root, , field, ...more] = attribute.split(".");
      const value =
        root === "llm" && field === name && more.length === 0 ? valueAt(span.attributes, attribute) : undefined;
      if (value !== undefined) return { value, attributes: [attribute] };
    }
  }
  return undefined;
}
