import type { JsonValue } from "@xtrace/contract";
import type { Around, Attributes } from "../otlp-span.ts";

/**
 * A log record as either encoding is decoded to it. Ids are lower-case hex, "" for none; `timeUs` is
 * Unix epoch microseconds, 0 when it is not known.
 *
 * Source: opentelemetry-proto, logs/v1/logs.proto
 */
export type OtlpLogRecord = Around & {
  readonly traceId: string;
  readonly spanId: string;
  /** Of an event; "" for any other record. Senders from before the field put it into an attribute. */
  readonly eventName: string;
  /** When it happened, or else when it was observed. */
  readonly timeUs: number;
  readonly attributes: Attributes;
  readonly body: JsonValue;
};

export function eventNameOf(field: string, attributes: Attributes): string {
  const attribute = attributes.get("event.name");
  return field !== "" || typeof attribute !== "string" ? field : attribute;
}
