import type { ObservationEvent, ObservationType, ScoreEvent, Stamp, TraceEvent } from "@xtrace/contract";
import { cutName } from "../fields/cut-text.ts";
import { normalizeEnvironment } from "../fields/environment.ts";
import { objectField, unlessEmpty } from "../fields/object-field.ts";
import { usageFields } from "../fields/usage.ts";
import { withoutUndefined } from "../fields/without-undefined.ts";
import type { ScoreBody } from "./score-wire.ts";
import type { ObservationBody, TraceBody } from "./wire.ts";

/*
 * Parsed bodies to canonical events. A `null` passes through where it clears a field and is dropped
 * everywhere else: a trace's name, user, session, release and version; an observation's name, model
 * and level.
 *
 * Source: how Langfuse merges the events of one entity.
 */

/** The id of what an event writes, when, and where that stands among the other writes to it. */
export type Written = { readonly id: string; readonly timeUs: number; readonly stamp: Stamp };

export function toTraceEvent(body: TraceBody, { id, stamp }: Written): TraceEvent {
  return withoutUndefined({
    id,
    stamp,
    timestampUs: body.timestamp ?? undefined,
    name: cutName(body.name),
    userId: cutName(body.userId),
    sessionId: cutName(body.sessionId),
    release: cutName(body.release),
    version: cutName(body.version),
    externalId: cutName(body.externalId ?? undefined),
    environment: environmentOf(body.environment),
    public: body.public ?? undefined,
    tags: body.tags ?? undefined,
    metadata: objectField("metadata", body.metadata),
    input: body.input ?? undefined,
    output: body.output ?? undefined,
  });
}

export function toObservationEvent(
  body: ObservationBody,
  { id, stamp }: Written,
  kind: { readonly type: ObservationType | undefined },
): ObservationEvent {
  const usage = usageFields(body);
  return withoutUndefined({
    id,
    traceId: body.traceId ?? null,
    stamp,
    type: kind.type ?? body.type ?? undefined,
    parentObservationId: body.parentObservationId || undefined,
    name: cutName(body.name),
    startTimeUs: body.startTime ?? undefined,
    endTimeUs: body.endTime ?? undefined,
    completionStartTimeUs: body.completionStartTime ?? undefined,
    level: body.level,
    statusMessage: body.statusMessage ?? undefined,
    version: cutName(body.version ?? undefined),
    environment: environmentOf(body.environment),
    model: cutName(body.model),
    modelParameters: unlessEmpty(body.modelParameters ?? undefined),
    usageDetails: usage.usageDetails,
    usageUnit: usage.usageUnit,
    costDetails: usage.costDetails,
    promptName: cutName(body.promptName || undefined),
    promptVersion: promptVersionOf(body.promptVersion),
    metadata: objectField("metadata", body.metadata),
    input: body.input ?? undefined,
    output: body.output ?? undefined,
  });
}

function promptVersionOf(version: ObservationBody["promptVersion"]): string | undefined {
  return version === undefined || version === null || version === "" ? undefined : cutName(String(version));
}

export function toScoreEvent(body: ScoreBody, { id, timeUs, stamp }: Written): ScoreEvent {
  return withoutUndefined({
    id,
    stamp,
    timestampUs: body.timestamp ?? timeUs,
    name: cutName(body.name),
    dataType: body.typed.dataType,
    value: body.typed.value,
    stringValue: body.typed.stringValue,
    traceId: body.traceId || undefined,
    observationId: body.observationId || undefined,
    // Cut like the session of a trace, or the two would not meet.
    sessionId: cutName(body.sessionId || undefined),
    datasetRunId: body.datasetRunId || undefined,
    source: body.source ?? "API",
    comment: body.comment ?? undefined,
    metadata: objectField("metadata", body.metadata),
    environment: environmentOf(body.environment),
    configId: cutName(body.configId ?? undefined),
    queueId: cutName(body.queueId ?? undefined),
  });
}

function environmentOf(environment: string | null | undefined): string | undefined {
  return environment === undefined || environment === null ? undefined : normalizeEnvironment(environment);
}
