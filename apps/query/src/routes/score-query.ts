import { z } from "@hono/zod-openapi";
import { SCORE_DATA_TYPES, SCORE_SOURCES } from "@xtrace/contract";
import { SCORE_FILTER_COLUMNS, SCORE_OPERATORS, type ScoreFilter } from "@xtrace/db";
import { choiceParam, csvParam, numberParam } from "./choice-params.ts";
import { filterParam, withoutFiltered } from "./filter-param.ts";
import { listParam, namesParam, pageParam, strictLimitParam, textParam, timeParam } from "./query-params.ts";

/** What the page-numbered score lists ask for. Source: Langfuse's `GET /v2/scores`. */
export const ScoreQuery = z
  .object({
    page: pageParam(),
    limit: strictLimitParam(),
    userId: textParam("Scores of traces of this user."),
    name: textParam("Scores with this name."),
    fromTimestamp: timeParam("Scores at or after this time."),
    toTimestamp: timeParam("Scores before this time."),
    environment: listParam("Scores in any of these environments."),
    source: choiceParam(SCORE_SOURCES, "Scores of this source."),
    operator: choiceParam(
      SCORE_OPERATORS,
      "How the score compares with `value`; `=` when left out, and nothing without `value`.",
    ),
    value: numberParam("What the score's number is compared with."),
    scoreIds: csvParam("Scores with these ids."),
    configId: textParam("Scores with this config."),
    sessionId: textParam("Scores of this session."),
    datasetRunId: textParam("Scores of this dataset run."),
    traceId: textParam("Scores of this trace and its observations."),
    observationId: csvParam("Scores of these observations."),
    queueId: textParam("Scores from this annotation queue."),
    dataType: choiceParam(SCORE_DATA_TYPES, "Scores of this data type."),
    traceTags: listParam("Scores of traces that have all of these tags."),
    fields: namesParam(
      "`score`, `trace` or both, comma-separated; both when left out. Without `trace` no trace is shown.",
    ),
    filter: filterParam(SCORE_FILTER_COLUMNS),
  })
  .refine((query) => (query.userId === undefined && query.traceTags.length === 0) || showsTrace(query), {
    path: ["fields"],
    error: "expected to include trace together with userId or traceTags",
  });
export type ScoreQuery = z.infer<typeof ScoreQuery>;

export function showsTrace({ fields }: { readonly fields?: ReadonlySet<string> | undefined }): boolean {
  return fields === undefined || fields.has("trace") || !fields.has("score");
}

export function filterOf(query: ScoreQuery, projectId: string): ScoreFilter {
  const plain: ScoreFilter = {
    projectId,
    ids: query.scoreIds,
    names: one(query.name),
    sources: query.source && [query.source],
    dataTypes: query.dataType && [query.dataType],
    environments: some(query.environment),
    configIds: one(query.configId),
    queueIds: one(query.queueId),
    traceIds: one(query.traceId),
    observationIds: query.observationId,
    sessionIds: one(query.sessionId),
    datasetRunIds: one(query.datasetRunId),
    comparisons: query.value === undefined ? undefined : [{ operator: query.operator ?? "=", value: query.value }],
    fromUs: query.fromTimestamp,
    toUs: query.toTimestamp,
    userId: query.userId,
    traceTags: some(query.traceTags),
  };
  return { ...withoutFiltered(plain, query.filter, COLUMN_OF), projectId };
}

/** What a parameter narrows, where it has another name in filters. */
const COLUMN_OF = {
  ids: "id",
  names: "name",
  sources: "source",
  dataTypes: "dataType",
  environments: "environment",
  configIds: "configId",
  queueIds: "queueId",
  traceIds: "traceId",
  observationIds: "observationId",
  sessionIds: "sessionId",
  datasetRunIds: "datasetRunId",
  comparisons: "value",
  fromUs: "timestamp",
  toUs: "timestamp",
} as const satisfies { readonly [Key in keyof ScoreFilter]?: string };

function one(value: string | undefined): string[] | undefined {
  return value === undefined ? undefined : [value];
}

function some(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : values;
}
