import { stampOf, type JsonObject, type JsonValue, type ObservationEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import { allKnown, firstKnown, type Dialect } from "./conventions/dialect.ts";
import { placeInTrace } from "./conventions/langfuse.ts";
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
  dialect: Dialect,
  trace: TraceFacts,
): void {
  trace.startsAt(span.startUs);
  const place = placeInTrace(span);
  collectExplicit(span, dialect.trace, trace, place === "derived");
  const stamp = stampOf(span.startUs, place ?? "inferred");
  trace.latest("version", observation.version, stamp);
  trace.environment(observation.environment, stamp);
  if (place === undefined) return;
  trace.latest("name", cutName(firstKnown(dialect.trace.rootName, span)) ?? observation.name, stamp);
  trace.latest("input", observation.input, stamp);
  trace.latest("output", observation.output, stamp);
  // As in Langfuse, whose clients say of the root alone what an experiment's trace belongs to.
  trace.metadata(uniteMetadata(allKnown(dialect.observation.metadata, span)), stamp);
}

function collectExplicit(span: OtlpSpan, readers: Dialect["trace"], trace: TraceFacts, isRoot: boolean): void {
  const stamp = stampOf(span.startUs);
  const said = {
    name: cutName(firstKnown(readers.name, span)),
    userId: cutName(firstKnown(readers.userId, span)),
    sessionId: cutName(firstKnown(readers.sessionId, span)),
    public: firstKnown(readers.public, span),
    input: firstKnown(readers.input, span),
    output: firstKnown(readers.output, span),
  };
  const tags = firstKnown(readers.tags, span) ?? [];
  const metadata = uniteMetadata(allKnown(readers.metadata, span));
  trace.latest("name", said.name, stamp);
  trace.latest("userId", said.userId, stamp);
  trace.latest("sessionId", said.sessionId, stamp);
  trace.latest("public", said.public, stamp);
  trace.latest("input", said.input, stamp);
  trace.latest("output", said.output, stamp);
  trace.latest("release", cutName(firstKnown(readers.release, span)), stamp);
  trace.environment(firstKnown(readers.environment, span), stamp);
  trace.tags(tags);
  trace.metadata(metadata, stamp);
  // Of the version one attribute tells for both: a span that says no more of its trace means itself, as in Langfuse.
  const speaksOfTrace = tags.length > 0 || Object.keys(metadata).length > 0 || Object.values(said).some(isSaid);
  if (isRoot || speaksOfTrace) trace.latest("version", cutName(firstKnown(readers.version, span)), stamp);
}

function isSaid(value: unknown): boolean {
  return value !== undefined;
}

/** The last wins a key. */
function uniteMetadata(all: readonly JsonObject[]): JsonObject {
  const united: Record<string, JsonValue> = {};
  for (const metadata of all) setMembers(united, metadata);
  return united;
}
