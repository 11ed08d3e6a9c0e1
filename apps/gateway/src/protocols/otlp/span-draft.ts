import { emptyBag, type AttributeBag } from "./attribute-bag.ts";
import type { OtlpEvent, OtlpLink, OtlpSpan } from "./otlp-span.ts";

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A span that a decoder is filling in. The parts are those of `span`, which shows them read-only. */
export type SpanDraft = {
  readonly span: Draft<OtlpSpan>;
  readonly bag: AttributeBag;
  readonly events: OtlpEvent[];
  readonly links: OtlpLink[];
  readonly status: Draft<OtlpSpan["status"]>;
};

/** `resource` and `scope` may be filled in later than the span: protobuf has them in any order. */
export function draftSpan(resource: OtlpSpan["resource"], scope: OtlpSpan["scope"]): SpanDraft {
  const bag = emptyBag();
  const events: OtlpEvent[] = [];
  const links: OtlpLink[] = [];
  const status = { code: 0, message: "" };
  const span: OtlpSpan = {
    traceId: "",
    spanId: "",
    parentSpanId: "",
    name: "",
    kind: 0,
    startUs: 0,
    endUs: 0,
    attributes: bag.values,
    prefixBits: 0,
    events,
    links,
    status,
    traceState: "",
    droppedAttributes: 0,
    droppedEvents: 0,
    droppedLinks: 0,
    resource,
    scope,
  };
  return { span, bag, events, links, status };
}

export function finishSpan({ span, bag }: SpanDraft): OtlpSpan {
  span.droppedAttributes += bag.dropped;
  span.prefixBits = bag.prefixBits;
  return span;
}
