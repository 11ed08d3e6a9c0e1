import { stampOf, type ObservationEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import { unlessEmpty } from "../fields/object-field.ts";
import { dialectOfAll, firstKnown, type Dialect } from "./conventions/dialect.ts";
import { langfuse } from "./conventions/langfuse.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import type { MetadataMapper } from "./span-metadata.ts";

/**
 * One span as one write to its observation.
 *
 * Its stamp is the end of the span, when what it says was final: the same span sent again changes
 * nothing, and one that was sent unfinished before gives way to the finished one.
 */
export function mapObservation(span: OtlpSpan, dialect: Dialect, metadataOf: MetadataMapper): ObservationEvent {
  const readers = dialect.observation;
  const event: ObservationEvent = {
    id: span.spanId,
    traceId: span.traceId,
    stamp: stampOf(span.endUs),
    type: firstKnown(readers.type, span) ?? firstKnown(readers.impliedType, span) ?? "SPAN",
    startTimeUs: span.startUs,
    endTimeUs: span.endUs,
  };
  const input = firstKnown(readers.input, span);
  const output = firstKnown(readers.output, span);
  const completionStartUs = firstKnown(readers.completionStartUs, span);
  set(event, "parentObservationId", span.parentSpanId === "" ? undefined : span.parentSpanId);
  set(event, "name", cutName(firstKnown(readers.name, span)));
  set(event, "completionStartTimeUs", isTime(completionStartUs) ? completionStartUs : undefined);
  set(event, "level", firstKnown(readers.level, span));
  set(event, "statusMessage", firstKnown(readers.statusMessage, span));
  set(event, "version", cutName(firstKnown(readers.version, span)));
  set(event, "environment", firstKnown(readers.environment, span));
  setCost(event, span, dialect.sumsItsChildren.some((sums) => sums(span)) ? OWN_WORDS : dialect);
  set(event, "modelParameters", unlessEmpty(firstKnown(readers.modelParameters, span)));
  if (event.type === "GENERATION") setPrompt(event, firstKnown(readers.prompt, span));
  set(event, "metadata", unlessEmpty(metadataOf(span, dialect, [input, output])));
  set(event, "input", input?.value);
  set(event, "output", output?.value);
  return event;
}

/** Where children are summed, only what somebody wrote down for this very span is its own. */
const OWN_WORDS = dialectOfAll([langfuse]);

function setCost(event: ObservationEvent, span: OtlpSpan, { observation: readers }: Dialect): void {
  set(event, "model", cutName(firstKnown(readers.model, span)));
  set(event, "usageDetails", firstKnown(readers.usageDetails, span));
  set(event, "costDetails", firstKnown(readers.costDetails, span));
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
