import type { FilterCondition } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";
import { IS_ROOT_OBSERVATION } from "../observations/is-root-observation.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { costOf, TRACE_AGGREGATE_COLUMNS } from "./trace-aggregates.ts";

type FilterKind = "string" | "time" | "number" | "boolean" | "array" | "object";

export type FilterColumn = {
  readonly kind: FilterKind;
  readonly value: SQL;
  readonly canMatch?: boolean;
  /** Of objects: a key may name a member of a member. */
  readonly isNested?: boolean;
};

/** What a filter may name, by its name on the wire. Nothing else gets into a statement. */
export type FilterColumns = Readonly<Record<string, FilterColumn>>;

const KIND_OF: Readonly<Record<FilterCondition["type"], FilterKind | undefined>> = {
  datetime: "time",
  string: "string",
  stringOptions: "string",
  number: "number",
  boolean: "boolean",
  arrayOptions: "array",
  categoryOptions: "object",
  stringObject: "object",
  numberObject: "object",
  booleanObject: "object",
  null: undefined,
};

/** Why a condition cannot be asked of these columns; `undefined` when it can. */
export function filterProblem(columns: FilterColumns, condition: FilterCondition): string | undefined {
  const { type, column, operator } = condition;
  const known = Object.hasOwn(columns, column) ? columns[column] : undefined;
  if (!known) return `expected a column out of ${Object.keys(columns).join(", ")}`;
  if (operator === "matches" && !known.canMatch) return "this column cannot be searched by matches";
  const kind = KIND_OF[type];
  return kind === undefined || kind === known.kind ? undefined : `this column is of the kind ${known.kind}`;
}

const string = (value: SQL) => ({ kind: "string", value }) as const;
const number = (value: SQL) => ({ kind: "number", value }) as const;
const time = (value: SQL) => ({ kind: "time", value }) as const;
const metadata = (value: SQL) => ({ kind: "object", value, isNested: true }) as const;

export const TRACE_FILTER_COLUMNS: FilterColumns = {
  id: string(sql`${traces.id}`),
  name: string(sql`${traces.name}`),
  timestamp: time(sql`${traces.timestamp}`),
  userId: string(sql`${traces.userId}`),
  sessionId: string(sql`${traces.sessionId}`),
  environment: string(sql`coalesce(${traces.environment}, 'default')`),
  version: string(sql`${traces.version}`),
  release: string(sql`${traces.release}`),
  tags: { kind: "array", value: sql`${traces.tags}` },
  public: { kind: "boolean", value: sql`coalesce(${traces.public}, false)` },
  bookmarked: { kind: "boolean", value: sql`coalesce(${traces.bookmarked}, false)` },
  metadata: metadata(sql`${traces.metadata}`),
  latency: number(sql`${traces.latency}`),
  totalCost: number(sql`${traces.totalCost}`),
  inputTokens: number(sql`${traces.promptTokens}`),
  outputTokens: number(sql`${traces.completionTokens}`),
  totalTokens: number(sql`${traces.totalTokens}`),
  tokens: number(sql`${traces.totalTokens}`),
  observationCount: number(sql`${traces.observationCount}`),
  errorCount: number(sql`${traces.errorCount}`),
  ...TRACE_AGGREGATE_COLUMNS,
};

const latency = sql`extract(epoch from ${observations.endTime} - ${observations.startTime})`;
const traceTags = { kind: "array", value: sql`${traces.tags}` } as const;

/** What a filter of observations may ask of their traces. Values of `traces`, not of `observations`. */
export const OBSERVATION_TRACE_COLUMNS: FilterColumns = {
  userId: string(sql`${traces.userId}`),
  sessionId: string(sql`${traces.sessionId}`),
  traceName: string(sql`${traces.name}`),
  traceEnvironment: string(sql`coalesce(${traces.environment}, 'default')`),
  traceTags,
  tags: traceTags,
};

/** What was said, as text: a text as it was sent, anything else as JSON. No index helps to search it. */
const PAYLOAD_COLUMNS: FilterColumns = {
  input: { kind: "string", value: sql`(${observations.input} #>> '{}')`, canMatch: true },
  output: { kind: "string", value: sql`(${observations.output} #>> '{}')`, canMatch: true },
};

/** Of the list by pages, which Langfuse keeps from searching payloads. */
export const OBSERVATION_V1_FILTER_COLUMNS: FilterColumns = {
  id: string(sql`${observations.id}`),
  type: string(sql`coalesce(${observations.type}, 'SPAN')`),
  name: string(sql`${observations.name}`),
  traceId: string(sql`${observations.traceId}`),
  parentObservationId: string(sql`${observations.parentObservationId}`),
  isRootObservation: { kind: "boolean", value: IS_ROOT_OBSERVATION },
  startTime: time(sql`${observations.startTime}`),
  endTime: time(sql`${observations.endTime}`),
  environment: string(sql`coalesce(${observations.environment}, 'default')`),
  level: string(sql`coalesce(${observations.level}, 'DEFAULT')`),
  statusMessage: string(sql`${observations.statusMessage}`),
  version: string(sql`${observations.version}`),
  ...OBSERVATION_TRACE_COLUMNS,
  metadata: { ...metadata(sql`${observations.metadata}`), canMatch: true },
  latency: number(latency),
  timeToFirstToken: number(sql`extract(epoch from ${observations.completionStartTime} - ${observations.startTime})`),
  tokensPerSecond: number(sql`${observations.completionTokens} / nullif(${latency}, 0)`),
  inputTokens: number(sql`${observations.promptTokens}`),
  outputTokens: number(sql`${observations.completionTokens}`),
  totalTokens: number(sql`${observations.totalTokens}`),
  tokens: number(sql`${observations.totalTokens}`),
  inputCost: number(costOf("input")),
  outputCost: number(costOf("output")),
  totalCost: number(sql`${observations.totalCost}`),
  model: string(sql`${observations.model}`),
  providedModelName: string(sql`${observations.model}`),
  promptName: string(sql`${observations.promptName}`),
  promptVersion: number(
    sql`case when ${observations.promptVersion} ~ '^[0-9]{1,15}$' then ${observations.promptVersion}::bigint end`,
  ),
};

export const OBSERVATION_FILTER_COLUMNS: FilterColumns = { ...OBSERVATION_V1_FILTER_COLUMNS, ...PAYLOAD_COLUMNS };

const ofJudgedTrace = (value: SQL) =>
  sql`(select ${value} from ${traces} where ${traces.projectId} = ${scores.projectId} and ${traces.id} = ${scores.traceId})`;
const judgedTags = { kind: "array", value: ofJudgedTrace(sql`${traces.tags}`) } as const;

export const SCORE_FILTER_COLUMNS: FilterColumns = {
  id: string(sql`${scores.id}`),
  name: string(sql`${scores.name}`),
  timestamp: time(sql`${scores.timestamp}`),
  source: string(sql`${scores.source}`),
  dataType: string(sql`${scores.dataType}`),
  value: number(sql`${scores.value}`),
  stringValue: string(sql`${scores.stringValue}`),
  comment: string(sql`${scores.comment}`),
  environment: string(sql`coalesce(${scores.environment}, 'default')`),
  traceId: string(sql`${scores.traceId}`),
  observationId: string(sql`${scores.observationId}`),
  sessionId: string(sql`${scores.sessionId}`),
  datasetRunId: string(sql`${scores.datasetRunId}`),
  configId: string(sql`${scores.configId}`),
  queueId: string(sql`${scores.queueId}`),
  authorUserId: string(sql`${scores.authorUserId}`),
  metadata: metadata(sql`${scores.metadata}`),
  traceName: string(ofJudgedTrace(sql`${traces.name}`)),
  userId: string(ofJudgedTrace(sql`${traces.userId}`)),
  trace_tags: judgedTags,
  traceTags: judgedTags,
  tags: judgedTags,
};
