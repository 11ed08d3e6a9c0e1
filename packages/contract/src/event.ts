import { z } from "zod";
import { JsonObject, JsonValue } from "./json.ts";
import { ObservationLevel, ObservationType, ScoreDataType, ScoreSource } from "./observation-type.ts";

/*
 * The canonical form: what every ingest protocol is reduced to, and all that the worker knows.
 *
 * An event is a partial write. A key that is absent says nothing about its field; `null` clears
 * the field and is allowed only where it is meant to (see docs: decisions, merge). Events of one
 * entity may arrive in any order and any number of times.
 *
 * Units: every `…Us` is Unix epoch microseconds, an integer. PostgreSQL `timestamptz` keeps
 * exactly that resolution and it is a safe integer until the year 2255.
 */

const Id = z.string().min(1);
const TimeUs = z.int();
const NonNegativeNumbers = z.record(z.string(), z.number().nonnegative());

const clearableText = z.string().nullable().optional();

/** Written once per trace record or part of one. `stamp` decides which of two writes to a field stays. */
export const TraceEvent = z.object({
  id: Id,
  stamp: z.int(),
  /** The earliest one of the strongest rank stays, so a trace begins with its first span. */
  timestampUs: TimeUs.optional(),
  name: clearableText,
  userId: clearableText,
  sessionId: clearableText,
  release: clearableText,
  version: clearableText,
  externalId: z.string().optional(),
  /** The first write stays. */
  environment: z.string().optional(),
  public: z.boolean().optional(),
  bookmarked: z.boolean().optional(),
  /** United with the stored ones. */
  tags: z.array(z.string()).optional(),
  /** Merged key by key, at every depth. */
  metadata: JsonObject.optional(),
  input: JsonValue.optional(),
  output: JsonValue.optional(),
});
export type TraceEvent = z.infer<typeof TraceEvent>;

export const ObservationEvent = z.object({
  id: Id,
  /** `null`: the sender did not say, so the worker looks the id up and else makes it a trace of its own. */
  traceId: Id.nullable(),
  stamp: z.int(),
  type: ObservationType.optional(),
  parentObservationId: Id.optional(),
  name: clearableText,
  /** The earliest one stays. */
  startTimeUs: TimeUs.optional(),
  endTimeUs: TimeUs.optional(),
  completionStartTimeUs: TimeUs.optional(),
  level: ObservationLevel.nullable().optional(),
  statusMessage: z.string().optional(),
  version: z.string().optional(),
  environment: z.string().optional(),
  model: clearableText,
  modelParameters: JsonObject.optional(),
  /** Units by usage key; keys are disjoint, so that cost is a sum over them. `total` is the sender's own sum. */
  usageDetails: NonNegativeNumbers.optional(),
  /** US dollars by usage key; `total` is the sender's own sum. */
  costDetails: NonNegativeNumbers.optional(),
  /** What usage is counted in, as the sender named it: TOKENS, CHARACTERS, … */
  usageUnit: z.string().optional(),
  promptId: z.string().optional(),
  promptName: z.string().optional(),
  promptVersion: z.string().optional(),
  metadata: JsonObject.optional(),
  input: JsonValue.optional(),
  output: JsonValue.optional(),
});
export type ObservationEvent = z.infer<typeof ObservationEvent>;

/** On a trace, an observation of a trace, a session or a dataset run: at least one target is set. */
export const ScoreEvent = z.object({
  id: Id,
  stamp: z.int(),
  timestampUs: TimeUs,
  name: z.string().min(1),
  dataType: ScoreDataType,
  /** The number of NUMERIC and BOOLEAN scores (0 or 1); `null` where a category has no number. */
  value: z.number().nullable(),
  /** The text of CATEGORICAL, TEXT and CORRECTION scores; "True" or "False" for BOOLEAN. */
  stringValue: z.string().nullable(),
  traceId: Id.optional(),
  observationId: Id.optional(),
  sessionId: Id.optional(),
  datasetRunId: Id.optional(),
  source: ScoreSource,
  comment: z.string().optional(),
  metadata: JsonObject.optional(),
  environment: z.string().optional(),
  configId: z.string().optional(),
  queueId: z.string().optional(),
  authorUserId: z.string().optional(),
});
export type ScoreEvent = z.infer<typeof ScoreEvent>;

/**
 * One sample of a time series.
 *
 * `id` is a UUID made from the request's bytes and the point's place in it: a re-sent request
 * stores nothing twice, while equal points inside one request all stay.
 */
export const MetricPoint = z.object({
  id: z.uuid(),
  name: z.string().min(1),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
  timestampUs: TimeUs,
  environment: z.string(),
});
export type MetricPoint = z.infer<typeof MetricPoint>;

/** What one accepted request came to. Also what `decode` of every protocol returns, beside its rejections. */
export const CanonicalEvents = z.object({
  traces: z.array(TraceEvent),
  observations: z.array(ObservationEvent),
  scores: z.array(ScoreEvent),
  metrics: z.array(MetricPoint),
});
export type CanonicalEvents = z.infer<typeof CanonicalEvents>;

export function noEvents(): CanonicalEvents {
  return { traces: [], observations: [], scores: [], metrics: [] };
}

export function countEvents(events: CanonicalEvents): number {
  return events.traces.length + events.observations.length + events.scores.length + events.metrics.length;
}
