import { createHash } from "node:crypto";
import { isoFromUs, stampOf, type JsonObject, type ObservationEvent } from "@xtrace/contract";
import type { Dialect } from "../conventions/dialect.ts";
import { objectOf } from "../../fields/json-object.ts";
import { mapObservation } from "../map-observation.ts";
import type { OtlpSpan } from "../otlp-span.ts";
import type { MetadataMapper } from "../span-metadata.ts";

/**
 * What log events say of their span, as a write of the weakest rank: where the span itself says
 * something of a field, that stays, whichever of the two comes first.
 *
 * A field has room for one write, but the messages of a call may come in several requests. So
 * metadata keeps those of each request under a key of their own, `logEvents`; input and output hold
 * those of the latest.
 */
export function mapCall(span: OtlpSpan, dialect: Dialect, metadataOf: MetadataMapper): ObservationEvent {
  const said = mapObservation(span, dialect, metadataOf);
  // Those are the times of the event.
  const {
    startTimeUs: _start,
    endTimeUs: _end,
    completionStartTimeUs: _first,
    parentObservationId: _,
    ...fields
  } = said;
  const stamp = stampOf(span.startUs, "inferred");
  if (span.events.length === 0) return { ...fields, stamp };
  // Only a call has messages, so this much is known without its span.
  const type = fields.type === "SPAN" ? "GENERATION" : fields.type;
  return { ...fields, type, stamp, metadata: { ...fields.metadata, logEvents: keptEvents(span) } };
}

/** One list under a key that is made of it: the same request sent twice is one, and any other is another. */
function keptEvents({ events, startUs }: OtlpSpan): JsonObject {
  const list = events.map(({ name, timeUs, attributes }) => ({
    ...objectOf(attributes),
    name,
    time: isoFromUs(timeUs),
  }));
  const digest = createHash("sha256").update(JSON.stringify(list)).digest("hex").slice(0, 12);
  return { [`${isoFromUs(startUs)} ${digest}`]: list };
}
