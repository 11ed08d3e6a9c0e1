import { MetricPoint, type CanonicalEvents, type ObservationEvent, type ScoreEvent, type TraceEvent } from "./event.ts";
import { INGEST_JOB_VERSION, type IngestJob } from "./ingest-job.ts";
import { isJsonObject } from "./json.ts";
import { OBSERVATION_LEVELS, OBSERVATION_TYPES, SCORE_DATA_TYPES, SCORE_SOURCES } from "./observation-type.ts";

/*
 * IngestJob's schema again, by looking alone. The schema makes a copy of every event that it accepts, which was a fifth of
 * all memory that a worker asks for; here nothing is made, and what a schema would leave out stays.
 */

type Check = (value: unknown) => boolean;
type Checks<T> = { readonly [Field in keyof T]-?: Check };

/** Whether the schema IngestJob accepts a job. It alone can tell what is wrong with one that it does not accept. */
export function isIngestJob(data: unknown): data is IngestJob {
  return isJsonObject(data) && hasAll(JOB, data);
}

const isText: Check = (value) => typeof value === "string";
const isFilled: Check = (value) => typeof value === "string" && value.length > 0;
const isFlag: Check = (value) => typeof value === "boolean";
const isNumber: Check = (value) => Number.isFinite(value);
const isInteger: Check = (value) => Number.isSafeInteger(value);
const isAmount: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const isTexts = listOf(isText);
const isAnything: Check = () => true;

const isAmounts: Check = (value) => {
  if (!isJsonObject(value)) return false;
  for (const key in value) if (!isAmount(value[key])) return false;
  return true;
};

const TRACE = fieldsOf<TraceEvent>({
  id: isFilled,
  stamp: isInteger,
  timestampUs: optional(isInteger),
  name: optional(orNull(isText)),
  userId: optional(orNull(isText)),
  sessionId: optional(orNull(isText)),
  release: optional(orNull(isText)),
  version: optional(orNull(isText)),
  externalId: optional(isText),
  environment: optional(isText),
  public: optional(isFlag),
  bookmarked: optional(isFlag),
  tags: optional(isTexts),
  metadata: optional(isJsonObject),
  input: isAnything,
  output: isAnything,
});

const OBSERVATION = fieldsOf<ObservationEvent>({
  id: isFilled,
  traceId: orNull(isFilled),
  stamp: isInteger,
  type: optional(oneOf(OBSERVATION_TYPES)),
  parentObservationId: optional(isFilled),
  name: optional(orNull(isText)),
  startTimeUs: optional(isInteger),
  endTimeUs: optional(isInteger),
  completionStartTimeUs: optional(isInteger),
  level: optional(orNull(oneOf(OBSERVATION_LEVELS))),
  statusMessage: optional(isText),
  version: optional(isText),
  environment: optional(isText),
  model: optional(orNull(isText)),
  modelParameters: optional(isJsonObject),
  usageDetails: optional(isAmounts),
  costDetails: optional(isAmounts),
  usageUnit: optional(isText),
  promptId: optional(isText),
  promptName: optional(isText),
  promptVersion: optional(isText),
  metadata: optional(isJsonObject),
  input: isAnything,
  output: isAnything,
});

const SCORE = fieldsOf<ScoreEvent>({
  id: isFilled,
  stamp: isInteger,
  timestampUs: isInteger,
  name: isFilled,
  dataType: oneOf(SCORE_DATA_TYPES),
  value: orNull(isNumber),
  stringValue: orNull(isText),
  traceId: optional(isFilled),
  observationId: optional(isFilled),
  sessionId: optional(isFilled),
  datasetRunId: optional(isFilled),
  source: oneOf(SCORE_SOURCES),
  comment: optional(isText),
  metadata: optional(isJsonObject),
  environment: optional(isText),
  configId: optional(isText),
  queueId: optional(isText),
  authorUserId: optional(isText),
});

const EVENTS = fieldsOf<CanonicalEvents>({
  traces: listOf(objectOf(TRACE)),
  observations: listOf(objectOf(OBSERVATION)),
  scores: listOf(objectOf(SCORE)),
  metrics: listOf((point) => MetricPoint.safeParse(point).success),
});

const JOB = fieldsOf<IngestJob>({
  v: (value) => value === INGEST_JOB_VERSION,
  projectId: isFilled,
  receivedAtUs: isInteger,
  bytes: optional(isAmount),
  events: objectOf(EVENTS),
});

type Fields = ReadonlyArray<readonly [name: string, check: Check]>;

function fieldsOf<T>(checks: Checks<T>): Fields {
  return Object.entries<Check>(checks);
}

function hasAll(fields: Fields, value: Readonly<Record<string, unknown>>): boolean {
  for (const [name, check] of fields) if (!check(value[name])) return false;
  return true;
}

function objectOf(fields: Fields): Check {
  return (value) => isJsonObject(value) && hasAll(fields, value);
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

function oneOf(names: readonly string[]): Check {
  const known = new Set<unknown>(names);
  return (value) => known.has(value);
}

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}
