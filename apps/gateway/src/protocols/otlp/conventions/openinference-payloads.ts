import { isJsonArray, isJsonObject, type JsonValue } from "@xtrace/contract";
import { valueOfText } from "../json-text.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import { chatInput, chatOutput, withTools } from "./chat-messages.ts";
import type { Payload, Reader } from "./convention.ts";
import { listBelow, unwrapped } from "./indexed.ts";
import { firstOf, payload, textAt } from "./read-attributes.ts";

/*
 * What an OpenInference span took and gave. `input.value` and `output.value` are the raw request and
 * response of a model, so its messages come first; of all other spans they are the very arguments
 * and results.
 */

const modelInput = (span: OtlpSpan) => withTools(chatInput(messagesBelow(span, "llm.input_messages.")), tools(span));
const modelOutput = (span: OtlpSpan) => chatOutput(messagesBelow(span, "llm.output_messages."));

const tools: Reader<Payload> = (span) => items(listBelow(span, "llm.tools."), "tool", "json_schema");

const prompts: Reader<Payload> = (span) => items(listBelow(span, "llm.prompts."), "prompt", "text");
const completions: Reader<Payload> = (span) => items(listBelow(span, "llm.choices."), "completion", "text");

const texts: Reader<Payload> = (span) => single(items(listBelow(span, "embedding.embeddings."), "embedding", "text"));
const vectors: Reader<Payload> = (span) => items(listBelow(span, "embedding.embeddings."), "embedding", "vector");

const rerankerInput: Reader<Payload> = (span) => {
  const query = textAt(span.attributes, "reranker.query");
  const documents = documentsBelow(span, "reranker.input_documents.");
  if (query === undefined && !documents) return undefined;
  return {
    value: { ...(query === undefined ? {} : { query }), ...(documents ? { documents: documents.value } : {}) },
    attributes: ["reranker.query", ...(documents?.attributes ?? [])],
  };
};

const documents: Reader<Payload> = (span) =>
  documentsBelow(span, "retrieval.documents.") ?? documentsBelow(span, "reranker.output_documents.");

const given = sideValue("input");
const inputOfModel = firstOf(modelInput, prompts, given, texts, rerankerInput);
const inputOfWork = firstOf(given, texts, rerankerInput, payload("tool.parameters"), modelInput, prompts);
const answered = sideValue("output");
const outputOfModel = firstOf(modelOutput, completions, answered, documents, vectors);
const outputOfWork = firstOf(answered, documents, vectors, modelOutput, completions);

export function openInferenceInput(span: OtlpSpan, isOfModel: boolean): Payload | undefined {
  return isOfModel ? inputOfModel(span) : inputOfWork(span);
}

export function openInferenceOutput(span: OtlpSpan, isOfModel: boolean): Payload | undefined {
  return isOfModel ? outputOfModel(span) : outputOfWork(span);
}

/** Text that is said to be plain is no JSON, whatever it looks like. */
function sideValue(side: "input" | "output"): Reader<Payload> {
  const [key, type] = [`${side}.value`, `${side}.mime_type`];
  const parsed = payload(key);
  return (span) => {
    const found = span.attributes.get(key);
    const isPlain = typeof found === "string" && found !== "" && span.attributes.get(type) === "text/plain";
    const read = isPlain ? { value: found, attributes: [key] } : parsed(span);
    return read && { ...read, attributes: [key, type] };
  };
}

function messagesBelow(span: OtlpSpan, prefix: string): Payload | undefined {
  return unwrapped(listBelow(span, prefix), "message");
}

/** One field of each item, where any has it. The other fields stay in the metadata. */
function items(found: Payload | undefined, wrapper: string, field: string): Payload | undefined {
  if (!found || !isJsonArray(found.value)) return undefined;
  const values = found.value.flatMap((item) => {
    const inner = isJsonObject(item) ? item[wrapper] : undefined;
    const value = isJsonObject(inner) ? inner[field] : undefined;
    return value === undefined
      ? []
      : [typeof value === "string" && field === "json_schema" ? valueOfText(value) : value];
  });
  if (values.length === 0) return undefined;
  const attributes = (found.attributes ?? []).filter((attribute) => attribute.endsWith(`.${wrapper}.${field}`));
  return { value: values, attributes };
}

function single(found: Payload | undefined): Payload | undefined {
  const [only, ...others]: readonly JsonValue[] = found && isJsonArray(found.value) ? found.value : [];
  return found && only !== undefined && others.length === 0 ? { ...found, value: only } : found;
}

function documentsBelow(span: OtlpSpan, prefix: string): Payload | undefined {
  const found = unwrapped(listBelow(span, prefix), "document");
  if (!found || !isJsonArray(found.value)) return undefined;
  return { ...found, value: found.value.map(withMetadata) };
}

/** A document's metadata is JSON text. */
function withMetadata(document: JsonValue): JsonValue {
  if (!isJsonObject(document) || typeof document["metadata"] !== "string") return document;
  return { ...document, metadata: valueOfText(document["metadata"]) };
}
