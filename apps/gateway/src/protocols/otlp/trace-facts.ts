import { stampOf, type JsonObject, type JsonValue, type ObservationEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import type { Convention, Reader } from "./conventions/convention.ts";
import { placeInTrace } from "./conventions/langfuse.ts";
import { traceField } from "./conventions/precedence.ts";
import { setMembers } from "../fields/json-object.ts";
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
  const place = placeInTrace(span);
  collectExplicit(span, conventions, trace, place === "derived");
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

function collectExplicit(span: OtlpSpan, conventions: readonly Convention[], trace: TraceFacts, isRoot: boolean): void {
  const field = <F extends Parameters<typeof traceField>[1]>(name: F) => traceField(conventions, name, span);
  const stamp = stampOf(span.startUs);
  const said = {
    name: cutName(field("name")),
    userId: cutName(field("userId")),
    sessionId: cutName(field("sessionId")),
    public: field("public"),
    input: field("input"),
    output: field("output"),
  };
  const tags = field("tags") ?? [];
  const metadata = uniteMetadata(span, conventions, "trace");
  trace.latest("name", said.name, stamp);
  trace.latest("userId", said.userId, stamp);
  trace.latest("sessionId", said.sessionId, stamp);
  trace.latest("public", said.public, stamp);
  trace.latest("input", said.input, stamp);
  trace.latest("output", said.output, stamp);
  trace.latest("release", cutName(field("release")), stamp);
  trace.environment(field("environment"), stamp);
  trace.tags(tags);
  trace.metadata(metadata, stamp);
  // Of the version one attribute tells for both: a span that says no more of its trace means itself, as in Langfuse.
  const speaksOfTrace = tags.length > 0 || Object.keys(metadata).length > 0 || Object.values(said).some(isSaid);
  if (isRoot || speaksOfTrace) trace.latest("version", cutName(field("version")), stamp);
}

function isSaid(value: unknown): boolean {
  return value !== undefined;
}

/** That of all conventions; the one asked first wins a key. */
function uniteMetadata(span: OtlpSpan, conventions: readonly Convention[], of: "observation" | "trace"): JsonObject {
  const united: Record<string, JsonValue> = {};
  for (const convention of conventions.toReversed()) {
    const read: Reader<JsonObject> | undefined = convention[of]?.metadata;
    setMembers(united, read?.(span));
  }
  return united;
}
