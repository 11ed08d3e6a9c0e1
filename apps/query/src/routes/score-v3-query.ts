import { z } from "@hono/zod-openapi";
import { SCORE_DATA_TYPES, SCORE_SOURCES, SCORE_V3_FIELDS } from "@xtrace/contract";
import type { ScoreComparison, ScoreFilter } from "@xtrace/db";
import { choicesParam, csvParam, numberParam } from "./choice-params.ts";
import { strictLimitParam, timeParam } from "./query-params.ts";
import { decodeScoreCursor } from "./score-cursor.ts";

/** What the cursor-paged score list asks for. Source: Langfuse's `GET /v3/scores`, its rules between parameters included. */
export const ScoreV3Query = z
  .object({
    limit: strictLimitParam(),
    cursor: z
      .string()
      .transform((text, context) => {
        const position = text === "" ? undefined : decodeScoreCursor(text);
        if (position === undefined && text !== "")
          context.addIssue({ code: "custom", message: "expected meta.cursor of a page" });
        return position;
      })
      .optional()
      .openapi({ type: "string", description: "`meta.cursor` of the page before." }),
    fields: choicesParam(SCORE_V3_FIELDS, "Groups of fields; core is always there."),
    id: csvParam("Scores with these ids."),
    name: csvParam("Scores with any of these names."),
    source: choicesParam(SCORE_SOURCES, "Scores of any of these sources."),
    dataType: choicesParam(SCORE_DATA_TYPES, "Scores of any of these data types."),
    environment: csvParam("Scores in any of these environments."),
    configId: csvParam("Scores with any of these configs."),
    queueId: csvParam("Scores from any of these annotation queues."),
    authorUserId: csvParam("Scores by any of these users."),
    value: csvParam(
      "Scores with any of these values; needs one dataType: NUMERIC, BOOLEAN (true or false) or CATEGORICAL.",
    ),
    valueMin: numberParam("Scores of at least this value; needs dataType=NUMERIC."),
    valueMax: numberParam("Scores of at most this value; needs dataType=NUMERIC."),
    traceId: csvParam("Scores of these traces and their observations."),
    observationId: csvParam("Scores of these observations; needs traceId."),
    sessionId: csvParam("Scores of these sessions."),
    experimentId: csvParam("Scores of these dataset runs."),
    fromTimestamp: timeParam("Scores at or after this time."),
    toTimestamp: timeParam("Scores before this time."),
    userId: ofTraceParam(),
    traceTags: ofTraceParam(),
  })
  .superRefine((query, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    const dataType = query.dataType?.length === 1 ? query.dataType[0] : undefined;
    if (query.value !== undefined && !matchesType(query.value, dataType)) {
      refuse(
        "value",
        "expected with one dataType: numbers for NUMERIC, true or false for BOOLEAN, texts for CATEGORICAL",
      );
    }
    for (const bound of ["valueMin", "valueMax"] as const) {
      if (query[bound] !== undefined && dataType !== "NUMERIC") refuse(bound, "expected with dataType=NUMERIC");
    }
    if (query.observationId !== undefined && query.traceId === undefined)
      refuse("observationId", "expected with traceId");
    const targets = (["traceId", "sessionId", "experimentId"] as const).filter((target) => query[target] !== undefined);
    if (targets.length > 1) refuse(targets[1] ?? "", `not together with ${targets[0]}`);
  });
export type ScoreV3Query = z.infer<typeof ScoreV3Query>;

/** Refused rather than overlooked: the caller would take all scores for those that it asked for. */
function ofTraceParam() {
  return z
    .union([z.string(), z.array(z.string())])
    .refine((value) => value === "", { error: "not of this list: /v2/scores can ask for it" })
    .optional()
    .openapi({ type: "string", description: "Not of this list: ask /v2/scores." });
}

const BOOLEAN_VALUES: Readonly<Record<string, number>> = { true: 1, false: 0 };

function matchesType(values: readonly string[], dataType: string | undefined): boolean {
  switch (dataType) {
    case "NUMERIC":
      return values.every((value) => Number.isFinite(Number(value)));
    case "BOOLEAN":
      return values.every((value) => Object.hasOwn(BOOLEAN_VALUES, value));
    default:
      return dataType === "CATEGORICAL";
  }
}

export function filterOfV3(query: ScoreV3Query, projectId: string): ScoreFilter {
  return {
    projectId,
    ids: query.id,
    names: query.name,
    sources: query.source,
    dataTypes: query.dataType,
    environments: query.environment,
    configIds: query.configId,
    queueIds: query.queueId,
    authorUserIds: query.authorUserId,
    traceIds: query.traceId,
    observationIds: query.observationId,
    sessionIds: query.sessionId,
    datasetRunIds: query.experimentId,
    fromUs: query.fromTimestamp,
    toUs: query.toTimestamp,
    comparisons: boundsOf(query),
    ...valuesOf(query),
  };
}

function boundsOf({ valueMin, valueMax }: ScoreV3Query): ScoreComparison[] {
  return [
    ...(valueMin === undefined ? [] : [{ operator: ">=" as const, value: valueMin }]),
    ...(valueMax === undefined ? [] : [{ operator: "<=" as const, value: valueMax }]),
  ];
}

function valuesOf({ value, dataType }: ScoreV3Query): Pick<ScoreFilter, "values" | "stringValues"> {
  if (value === undefined) return {};
  if (dataType?.[0] === "CATEGORICAL") return { stringValues: value };
  return { values: value.map((text) => BOOLEAN_VALUES[text] ?? Number(text)) };
}
