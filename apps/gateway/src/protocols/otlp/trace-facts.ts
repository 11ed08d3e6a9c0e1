import { stampOf, type JsonObject, type JsonValue, type ObservationEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import type { Convention, Reader } from "./conventions/convention.ts";
import { placeInTrace } from "./conventions/langfuse.ts";
import { traceField } from "./conventions/precedence.ts";
import { setMember } from "./json-object.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import type { TraceFacts } from "./trace-collector.ts";

/*
 * What a span says about its trace, by rank, so that the trace comes out the same whatever the
 * order in which its spans arrive, and in however many requests:
 *
 * - explicit: what was said about the trace itself, on any of its spans;
 * - derived: what the root is called, took, gave and noted, and when the trace began;
 * - inferred: the same of a stand-in for the root, and what any span says of its own deployment.
 *
 * Within a rank the span that started later wins. Every span takes part in when the trace began.
 */
export function collectTraceFacts(
  span: OtlpSpan,
  observation: ObservationEvent,
  conventions: readonly Convention[],
  trace: TraceFacts,
): void {
  trace.startsAt(span.startUs);
  collectExplicit(span, conventions, trace);
  const place = placeInTrace(span);
  const stamp = stampOf(span.startUs, place ?? "inferred");
  trace.latest("version", observation.version, stamp);
  trace.environment(observation.environment, stamp);
  if (place === undefined) return;
  trace.latest("name", cutName(traceField(conventions, "rootName", span)) ?? observation.name, stamp);
  trace.latest("input", observation.input, stamp);
  trace.latest("output", observation.output, stamp);
  // As in Langfuse, whose clients say of the root alone what an experiment's trace belongs to.
  trace.metadata(uniteMetadata(span, conventions, "observation"), stamp);
}

function collectExplicit(span: OtlpSpan, conventions: readonly Convention[], trace: TraceFacts): void {
  const field = <F extends Parameters<typeof traceField>[1]>(name: F) => traceField(conventions, name, span);
  const stamp = stampOf(span.startUs);
  trace.latest("name", cutName(field("name")), stamp);
  trace.latest("userId", cutName(field("userId")), stamp);
  trace.latest("sessionId", cutName(field("sessionId")), stamp);
  trace.latest("release", cutName(field("release")), stamp);
  trace.latest("version", cutName(field("version")), stamp);
  trace.latest("public", field("public"), stamp);
  trace.latest("input", field("input"), stamp);
  trace.latest("output", field("output"), stamp);
  trace.environment(field("environment"), stamp);
  trace.tags(field("tags") ?? []);
  trace.metadata(uniteMetadata(span, conventions, "trace"), stamp);
}

/** That of all conventions; the one asked first wins a key. */
function uniteMetadata(span: OtlpSpan, conventions: readonly Convention[], of: "observation" | "trace"): JsonObject {
  const united: Record<string, JsonValue> = {};
  for (const convention of conventions.toReversed()) {
    const read: Reader<JsonObject> | undefined = convention[of]?.metadata;
    for (const [key, value] of Object.entries(read?.(span) ?? {})) setMember(united, key, value);
  }
  return united;
}
