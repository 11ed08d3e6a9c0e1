import { INVALID_ID } from "./ids.ts";
import { createIntake, type Intake } from "./intake.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { pathOf, TRACES, type Place } from "./signal.ts";

export type SpanIntake = Omit<Intake<OtlpSpan>, "add"> & {
  /** Takes the span, or rejects it alone when its ids are no ids. */
  add(span: OtlpSpan, place: Place): void;
};

export function createSpanIntake(): SpanIntake {
  const intake = createIntake<OtlpSpan>("spans");
  return {
    ...intake,
    add(span, place) {
      const problem = problemOf(span);
      if (problem) intake.reject(`${pathOf(TRACES, place)}.${problem.field}`, problem.message);
      else intake.add(span);
    },
  };
}

function problemOf(span: OtlpSpan): { field: string; message: string } | undefined {
  if (!isId(span.traceId)) return { field: "traceId", message: "expected 16 bytes, not all zero" };
  if (!isId(span.spanId)) return { field: "spanId", message: "expected 8 bytes, not all zero" };
  if (span.parentSpanId === INVALID_ID) return { field: "parentSpanId", message: "expected 8 bytes or none" };
  return undefined;
}

export function isId(id: string): boolean {
  return id !== "" && id !== INVALID_ID;
}
