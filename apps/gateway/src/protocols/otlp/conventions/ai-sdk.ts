import type { JsonObject, ObservationType } from "@xtrace/contract";
import type { OtlpSpan } from "../otlp-span.ts";
import { modelInput, modelOutput } from "./ai-sdk-messages.ts";
import { callParameters } from "./ai-sdk-parameters.ts";
import { usageOf } from "./ai-sdk-usage.ts";
import type { Convention } from "./convention.ts";
import { metadataBelow, numberOf, objectAt, text, textAt, value } from "./read-attributes.ts";
import { tagsOf } from "./tags.ts";

/*
 * Vercel's AI SDK up to 6, and what 7 adds to the GenAI conventions on request. A call of the user's
 * is one span, each request to a model that comes of it another below it, named `….doGenerate` and
 * the like: the outer one repeats the sums of the inner ones.
 *
 * Source: ai 4.3, 5.0 and 6.0, @ai-sdk/otel 1.0
 */

/** The user's own keys; version 7 has them in its runtime context. */
const METADATA = "ai.telemetry.metadata.";
const CONTEXT = "ai.settings.context.";

const tags = value(`${METADATA}tags`, `${CONTEXT}tags`);

export const aiSdk: Convention = {
  name: "Vercel AI SDK",
  namespaces: ["ai"],
  observation: {
    type: (span) => {
      const operation = operationOf(span);
      return operation === undefined ? undefined : typeOf(operation);
    },
    name: (span) => {
      const operation = operationOf(span);
      if (operation === undefined) return undefined;
      const called = textAt(span.attributes, "ai.telemetry.functionId");
      return (
        textAt(span.attributes, "ai.toolCall.name") ?? (called === undefined ? operation : `${called}:${operation}`)
      );
    },
    model: text("gen_ai.response.model", "ai.response.model", "ai.model.id"),
    modelParameters,
    usageDetails: usageOf,
    completionStartUs: (span) => {
      const ms = numberOf(
        span.attributes.get("ai.response.msToFirstChunk") ?? span.attributes.get("ai.stream.msToFirstChunk"),
      );
      return ms === undefined
        ? span.events.find(({ name }) => name === "ai.stream.firstChunk")?.timeUs
        : span.startUs + Math.round(ms * 1_000);
    },
    prompt: ({ attributes }) => {
      const { name, version } = objectAt(attributes, `${METADATA}langfusePrompt`) ?? {};
      if (typeof name !== "string" || (typeof version !== "number" && typeof version !== "string")) return undefined;
      return { name, version: String(version) };
    },
    input: modelInput,
    output: modelOutput,
  },
  trace: {
    userId: text(`${METADATA}userId`, `${CONTEXT}userId`),
    sessionId: text(`${METADATA}sessionId`, `${METADATA}session_id`, `${CONTEXT}sessionId`),
    tags: (span) => tagsOf(tags(span)),
    metadata: (span) => {
      const own = [CONTEXT, METADATA].map((prefix) => metadataBelow(span, prefix, (key) => OF_TRACE.has(key)));
      return own.every((one) => one === undefined) ? undefined : { ...own[0], ...own[1] };
    },
  },
  sumsItsChildren: (span) => SUMS.test(operationOf(span) ?? ""),
};

/** Keys of the user's that are fields of ours. */
const OF_TRACE = new Set(["userId", "sessionId", "session_id", "tags", "langfusePrompt"]);

/** Version 3 knew only `operation.name`, which the name of the function follows. */
function operationOf({ attributes }: OtlpSpan): string | undefined {
  const operation = textAt(attributes, "ai.operationId") ?? textAt(attributes, "operation.name")?.split(" ", 1)[0];
  return operation?.startsWith("ai.") ? operation : undefined;
}

const TYPES: ReadonlyArray<readonly [RegExp, ObservationType]> = [
  [/\.do(?:Generate|Stream)$/, "GENERATION"],
  [/\.doEmbed$/, "EMBEDDING"],
  [/\.doRerank$/, "RETRIEVER"],
  [/^ai\.toolCall$/, "TOOL"],
  [/^ai\.(?:generateSpeech|transcribe|streamTranscribe)$/, "GENERATION"],
];

function typeOf(operation: string): ObservationType {
  return TYPES.find(([pattern]) => pattern.test(operation))?.[1] ?? "SPAN";
}

const SUMS = /^ai\.(?:(?:generate|stream)(?:Text|Object)|embed(?:Many)?|rerank)$/;

/** Spans of version 7 have none, and leave their parameters to the GenAI conventions. */
function modelParameters(span: OtlpSpan): JsonObject | undefined {
  const parameters = operationOf(span) === undefined ? {} : callParameters(span);
  return Object.keys(parameters).length === 0 ? undefined : parameters;
}
