import type { JsonValue } from "@xtrace/contract";

/** A Map, because a sender may well call an attribute `__proto__`. */
export type Attributes = ReadonlyMap<string, JsonValue>;

/**
 * A span as either encoding is decoded to it: what OTLP says, before any convention is read into it.
 *
 * Units: `…Us` are Unix epoch microseconds; 0 is what OTLP sends for a time that is not known.
 * Ids are lower-case hex. Numbers of 64 bits that a double cannot hold, NaN and infinities are text.
 *
 * Source: opentelemetry-proto, trace/v1/trace.proto
 */
export type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes: Attributes;
  /** Of their names, see mayHoldBelow. */
  readonly prefixBits: number;
  readonly events: readonly OtlpEvent[];
  readonly links: readonly OtlpLink[];
  readonly status: { readonly code: number; readonly message: string };
  readonly traceState: string;
  /** How many were left out, by the sender or by us. */
  readonly droppedAttributes: number;
  readonly droppedEvents: number;
  readonly droppedLinks: number;
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
};

export type OtlpEvent = { readonly name: string; readonly timeUs: number; readonly attributes: Attributes };

export type OtlpLink = { readonly traceId: string; readonly spanId: string; readonly attributes: Attributes };

export type OtlpResource = { readonly attributes: Attributes };

export type OtlpScope = { readonly name: string; readonly version: string; readonly attributes: Attributes };

/** What the items of any signal stand in. */
export type Around = { readonly resource: OtlpResource; readonly scope: OtlpScope };

export const SPAN_STATUS_ERROR = 2;
