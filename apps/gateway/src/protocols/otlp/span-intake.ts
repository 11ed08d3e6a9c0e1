import { AppError } from "@xtrace/runtime";
import { INVALID_ID } from "./ids.ts";
import type { OtlpSpan } from "./otlp-span.ts";

/** Where a span stands in its request. */
export type SpanPlace = { readonly resource: number; readonly scope: number; readonly span: number };

export type DecodedSpans = {
  readonly spans: readonly OtlpSpan[];
  readonly rejected: number;
  /** The first thing that was wrong, by the path of its field; never a value. */
  readonly reason: string | undefined;
};

export type SpanIntake = {
  /** Takes the span, or rejects it alone when its ids are no ids. */
  add(span: OtlpSpan, place: SpanPlace): void;
  reject(path: string, problem: string): void;
  /** Something was left out, but no span. */
  warn(path: string, problem: string): void;
  result(): DecodedSpans;
};

/**
 * A span may take five bytes and becomes a kilobyte of memory, so the bound on the body alone
 * would let one request hold gigabytes. The OpenTelemetry Collector sends 8,192 by default.
 */
export const MAX_SPANS_PER_REQUEST = 50_000;

export function createSpanIntake(): SpanIntake {
  const spans: OtlpSpan[] = [];
  let rejected = 0;
  let reason: string | undefined;

  function warn(path: string, problem: string): void {
    reason ??= `${path}: ${problem}`;
  }

  function reject(path: string, problem: string): void {
    rejected += 1;
    warn(path, problem);
  }

  return {
    add(span, place) {
      const problem = problemOf(span);
      if (problem) return reject(`${pathOf(place)}.${problem.field}`, problem.message);
      if (spans.push(span) > MAX_SPANS_PER_REQUEST) {
        throw new AppError("PAYLOAD_TOO_LARGE", `More than ${MAX_SPANS_PER_REQUEST} spans in one request`);
      }
    },
    reject,
    warn,
    result: () => ({ spans, rejected, reason }),
  };
}

export function pathOf(place: SpanPlace): string {
  return `resourceSpans.${place.resource}.scopeSpans.${place.scope}.spans.${place.span}`;
}

function problemOf(span: OtlpSpan): { field: string; message: string } | undefined {
  if (!isId(span.traceId)) return { field: "traceId", message: "expected 16 bytes, not all zero" };
  if (!isId(span.spanId)) return { field: "spanId", message: "expected 8 bytes, not all zero" };
  if (span.parentSpanId === INVALID_ID) return { field: "parentSpanId", message: "expected 8 bytes or none" };
  return undefined;
}

function isId(id: string): boolean {
  return id !== "" && id !== INVALID_ID;
}
