import { stampOf, type ObservationEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import { unlessEmpty } from "../fields/object-field.ts";
import type { Convention } from "./conventions/convention.ts";
import { langfuse } from "./conventions/langfuse.ts";
import { observationField } from "./conventions/precedence.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import type { MetadataMapper } from "./span-metadata.ts";

/**
 * One span as one write to its observation.
 *
 * Its stamp is the end of the span, when what it says was final: the same span sent again changes
 * nothing, and one that was sent unfinished before gives way to the finished one.
 */
export function mapObservation(
  span: OtlpSpan,
  conventions: readonly Convention[],
  metadataOf: MetadataMapper,
): ObservationEvent {
  const field = <F extends Parameters<typeof observationField>[1]>(name: F) =>
    observationField(conventions, name, span);
  const event: ObservationEvent = {
    id: span.spanId,
    traceId: span.traceId,
    stamp: stampOf(span.endUs),
    type: field("type") ?? field("impliedType") ?? "SPAN",
    startTimeUs: span.startUs,
    endTimeUs: span.endUs,
  };
  const input = field("input");
  const output = field("output");
  const completionStartUs = field("completionStartUs");
  set(event, "parentObservationId", span.parentSpanId === "" ? undefined : span.parentSpanId);
  set(event, "name", cutName(field("name")));
  set(event, "completionStartTimeUs", isTime(completionStartUs) ? completionStartUs : undefined);
  set(event, "level", field("level"));
  set(event, "statusMessage", field("statusMessage"));
  set(event, "version", cutName(field("version")));
  set(event, "environment", field("environment"));
  setCost(event, span, conventions.some((one) => one.sumsItsChildren?.(span)) ? OWN_WORDS : conventions);
  set(event, "modelParameters", unlessEmpty(field("modelParameters")));
  if (event.type === "GENERATION") setPrompt(event, field("prompt"));
  set(event, "metadata", unlessEmpty(metadataOf(span, conventions, [input, output])));
  set(event, "input", input?.value);
  set(event, "output", output?.value);
  return event;
}

/** Where children are summed, only what somebody wrote down for this very span is its own. */
const OWN_WORDS = [langfuse];

function setCost(event: ObservationEvent, span: OtlpSpan, conventions: readonly Convention[]): void {
  set(event, "model", cutName(observationField(conventions, "model", span)));
  set(event, "usageDetails", observationField(conventions, "usageDetails", span));
  set(event, "costDetails", observationField(conventions, "costDetails", span));
}

function setPrompt(event: ObservationEvent, prompt: { name: string; version: string } | undefined): void {
  set(event, "promptName", cutName(prompt?.name));
  set(event, "promptVersion", cutName(prompt?.version));
}

/** In a canonical event a field that says nothing is an absent key. */
function set<K extends keyof ObservationEvent>(
  event: ObservationEvent,
  key: K,
  value: ObservationEvent[K] | undefined,
): void {
  if (value !== undefined) event[key] = value;
}

function isTime(timeUs: number | undefined): timeUs is number {
  return timeUs !== undefined && Number.isSafeInteger(timeUs) && timeUs > 0;
}
