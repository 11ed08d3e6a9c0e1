import { noEvents, type CanonicalEvents } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import { isPending } from "./conventions/logfire.ts";
import { dialectOf } from "./conventions/precedence.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { mapObservation } from "./map-observation.ts";
import type { Taken } from "./intake.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { createSpanIntake } from "./span-intake.ts";
import { createMetadataMapper } from "./span-metadata.ts";
import { createTraceCollector } from "./trace-collector.ts";
import { collectTraceFacts } from "./trace-facts.ts";

export type OtlpEncoding = "protobuf" | "json";

export type DecodedExport = {
  readonly events: CanonicalEvents;
  /** How many items could not be used. */
  readonly rejected: number;
  /** How many items are as they should be, and of a kind that is not stored. */
  readonly unsupported?: number;
  /** The path of the first field that was wrong, and how. Without rejected items: something else was left out. */
  readonly reason?: string;
};

/**
 * An export of spans as canonical events. Pure; throws nothing but AppError, and that only for a
 * body that is no export of spans as a whole: a bad span is left out alone.
 *
 * `nowUs` is the time of a span that has none.
 */
export function decodeOtlp(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  { nowUs }: { readonly nowUs: number },
): DecodedExport {
  const { items: spans, rejected, reason } = decodeSpans(bytes, encoding);
  const events = noEvents();
  const collector = createTraceCollector();
  const metadataOf = createMetadataMapper();
  for (const sent of spans) {
    if (isPending(sent)) continue;
    const span = withTimes(sent, nowUs);
    const dialect = dialectOf(span);
    const observation = mapObservation(span, dialect, metadataOf);
    events.observations.push(observation);
    collectTraceFacts(span, observation, dialect, collector.traceOf(span.traceId));
  }
  events.traces.push(...collector.events());
  return { events, rejected, ...(reason === undefined ? {} : { reason }) };
}

function decodeSpans(bytes: Uint8Array, encoding: OtlpEncoding): Taken<OtlpSpan> {
  const intake = createSpanIntake();
  if (encoding === "protobuf") decodeProtobuf(bytes, intake);
  // No bytes are an empty message in protobuf, and taken for one here.
  else if (bytes.length > 0) decodeJson(parseJson(bytes), intake);
  return intake.result();
}

/** A missing time takes the other one, and a span that ends before it starts took no time. */
function withTimes(span: OtlpSpan, nowUs: number): OtlpSpan {
  const startUs = span.startUs || span.endUs || nowUs;
  const endUs = Math.max(span.endUs, startUs);
  return startUs === span.startUs && endUs === span.endUs ? span : { ...span, startUs, endUs };
}
