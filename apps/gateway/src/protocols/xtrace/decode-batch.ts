import {
  isJsonObject,
  noEvents,
  stampOf,
  type CanonicalEvents,
  type JsonValue,
  type ObservationEvent,
  type TraceEvent,
} from "@xtrace/contract";
import { parse } from "@xtrace/runtime";
import { cutName } from "../fields/cut-text.ts";
import { observationLevelOf, observationTypeOf } from "../fields/enums.ts";
import { objectField, unlessEmpty, withExtras } from "../fields/object-field.ts";
import { noRejections, reject, type Rejections } from "../fields/rejections.ts";
import { withoutUndefined } from "../fields/without-undefined.ts";
import { fieldReader } from "./read-fields.ts";
import { requireOwnProject } from "./require-own-project.ts";
import { nativeUsage } from "./native-usage.ts";
import { BatchBody, ObservationFields, TraceFields } from "./wire.ts";

export type BatchContext = {
  readonly projectId: string;
  /** Stamps the events: the wire carries no event time, so what arrives later is newer. */
  readonly receivedAtUs: number;
  /** The id of an item that came without one; see derived-id.ts. */
  readonly idAt: (position: number) => string;
};

export type Decoded = { readonly events: CanonicalEvents; readonly rejections: Rejections };

/**
 * A trace and observations, each item for itself: a bad one is named and the others are kept.
 *
 * Throws BAD_REQUEST when the body has not the shape of a batch, FORBIDDEN for another project's data.
 */
export function decodeBatch(body: JsonValue, context: BatchContext): Decoded {
  const { trace, observations } = parse(BatchBody, body);
  const items = observations ?? [];
  const { projectId } = context;
  requireOwnProject(body, projectId);
  requireOwnProject(trace, projectId, "trace");
  for (const [index, item] of items.entries()) requireOwnProject(item, projectId, "observations", index);

  const events = noEvents();
  const rejections = noRejections();
  const hasTrace = trace !== undefined && trace !== null;
  if (hasTrace) decodeTrace(trace, context, events, rejections);
  const decodeNext = observationDecoder(hasTrace ? traceIdOf(trace, context) : null, context);
  for (const [index, item] of items.entries()) decodeNext(item, index, events, rejections);
  return { events, rejections };
}

const readTrace = fieldReader(TraceFields);
const readObservation = fieldReader(ObservationFields);

const TRACE_POSITION = 0;
const FIRST_OBSERVATION_POSITION = 1;

/** The id that observations of the body fall back to, also when the trace's other fields are bad. */
function traceIdOf(trace: JsonValue, { idAt }: BatchContext): string | null {
  if (!isJsonObject(trace)) return null;
  const id = TraceFields.shape.id.safeParse(trace["id"] ?? undefined);
  if (!id.success) return null;
  return id.data || idAt(TRACE_POSITION);
}

function decodeTrace(trace: JsonValue, context: BatchContext, events: CanonicalEvents, rejections: Rejections): void {
  const parsed = readTrace(trace);
  if (!parsed.success) return reject(rejections, "trace", parsed.error);
  const id = parsed.data.id || context.idAt(TRACE_POSITION);
  events.traces.push(toTraceEvent(parsed.data, id, context.receivedAtUs));
}

function toTraceEvent(fields: TraceFields, id: string, receivedAtUs: number): TraceEvent {
  return withoutUndefined({
    id,
    stamp: stampOf(receivedAtUs),
    timestampUs: fields.timestamp,
    name: cutName(fields.name),
    userId: cutName(fields.userId),
    sessionId: cutName(fields.sessionId),
    release: cutName(fields.release),
    version: cutName(fields.version),
    externalId: cutName(fields.externalId),
    environment: cutName(fields.environment || undefined),
    public: fields.public,
    bookmarked: fields.bookmarked,
    tags: fields.tags,
    metadata: objectField("metadata", fields.metadata),
    input: fields.input,
    output: fields.output,
  });
}

/** Decodes one observation after the other, in the order of the body. */
function observationDecoder(bodyTraceId: string | null, { receivedAtUs, idAt }: BatchContext) {
  const timesSeen = new Map<string, number>();
  return function decodeObservation(item: JsonValue, index: number, events: CanonicalEvents, rejections: Rejections) {
    const parsed = readObservation(item);
    if (!parsed.success) return reject(rejections, `observations.${index}`, parsed.error);
    const id = parsed.data.id || idAt(FIRST_OBSERVATION_POSITION + index);
    // Clients gather several writes of one observation in a request: the later entry is the newer one.
    const repeats = timesSeen.get(id) ?? 0;
    timesSeen.set(id, repeats + 1);
    const target = { id, traceId: parsed.data.traceId || bodyTraceId };
    const event = toObservationEvent(parsed.data, target, receivedAtUs + repeats);
    events.observations.push(event);
    if (event.type === undefined) events.observations.push(defaultTypeEvent(target, receivedAtUs));
  };
}

type Target = Pick<ObservationEvent, "id" | "traceId">;

function toObservationEvent(fields: ObservationFields, target: Target, timeUs: number): ObservationEvent {
  const { type, level, extras } = namedValues(fields);
  const usage = nativeUsage(fields);
  return withoutUndefined({
    id: target.id,
    traceId: target.traceId,
    stamp: stampOf(timeUs),
    type,
    parentObservationId: fields.parentObservationId || undefined,
    name: cutName(fields.name),
    startTimeUs: fields.startTime,
    endTimeUs: fields.endTime,
    completionStartTimeUs: fields.completionStartTime,
    level,
    statusMessage: fields.statusMessage,
    version: cutName(fields.version),
    environment: cutName(fields.environment || undefined),
    model: cutName(fields.model),
    modelParameters: unlessEmpty(objectField("modelParameters", fields.modelParameters)),
    usageDetails: usage.usageDetails,
    usageUnit: usage.usageUnit,
    costDetails: usage.costDetails,
    promptId: cutName(fields.promptId),
    promptName: cutName(fields.promptName),
    promptVersion: fields.promptVersion === undefined ? undefined : cutName(String(fields.promptVersion)),
    metadata: withExtras(objectField("metadata", fields.metadata), extras),
    input: fields.input,
    output: fields.output,
  });
}

/** Types and levels are free text on this wire: those without a meaning here are kept as metadata. */
function namedValues({ type, level }: ObservationFields) {
  const knownType = type ? observationTypeOf(type) : undefined;
  const knownLevel = level ? (observationLevelOf(level) ?? LOG_LEVELS.get(level.toUpperCase())) : undefined;
  const extras: Record<string, string> = {};
  if (type && !knownType) extras["type"] = cutName(type);
  if (level && !knownLevel) extras["level"] = cutName(level);
  return { type: type ? (knownType ?? "SPAN") : undefined, level: knownLevel, extras };
}

/** What logging libraries call the levels. */
const LOG_LEVELS = new Map<string, NonNullable<ObservationEvent["level"]>>([
  ["TRACE", "DEBUG"],
  ["INFO", "DEFAULT"],
  ["WARN", "WARNING"],
  ["FATAL", "ERROR"],
  ["CRITICAL", "ERROR"],
]);

/** A generation, as long as nobody says otherwise: a later part without a type must not change an earlier one's. */
function defaultTypeEvent(target: Target, timeUs: number): ObservationEvent {
  return { ...target, stamp: stampOf(timeUs, "inferred"), type: "GENERATION" };
}
