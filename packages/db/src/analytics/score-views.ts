import type { ScoreDataType } from "@xtrace/contract";
import { inArray, sql } from "drizzle-orm";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { monthOf, number, ROWS, text, type AnalyticsView, type Dimension, type Measure } from "./view.ts";

const ofTrace = { join: "traces" } as const;
const ofObservation = { join: "observations" } as const;
const manyValues = { isHighCardinality: true } as const;

const DIMENSIONS: AnalyticsView["dimensions"] = {
  id: text(sql`${scores.id}`, manyValues),
  traceId: text(sql`${scores.traceId}`, manyValues),
  observationId: text(sql`${scores.observationId}`, manyValues),
  userId: text(sql`${traces.userId}`, { ...ofTrace, ...manyValues }),
  sessionId: text(sql`coalesce(${scores.sessionId}, ${traces.sessionId})`, { ...ofTrace, ...manyValues }),
  environment: text(sql`coalesce(${scores.environment}, 'default')`),
  name: text(sql`${scores.name}`),
  source: text(sql`${scores.source}`),
  dataType: text(sql`${scores.dataType}`),
  configId: text(sql`${scores.configId}`),
  timestampMonth: text(monthOf(scores.timestamp)),
  timestampDay: text(sql`to_char(${scores.timestamp} at time zone 'UTC', 'YYYY-MM-DD')`),
  traceName: text(sql`${traces.name}`, ofTrace),
  tags: { kind: "array", value: sql`${traces.tags}`, ...ofTrace },
  release: text(sql`${traces.release}`, ofTrace),
  traceRelease: text(sql`${traces.release}`, ofTrace),
  traceVersion: text(sql`${traces.version}`, ofTrace),
  observationName: text(sql`${observations.name}`, ofObservation),
  observationModelName: text(sql`${observations.model}`, ofObservation),
  observationPromptName: text(sql`${observations.promptName}`, ofObservation),
  observationPromptVersion: text(sql`${observations.promptVersion}`, ofObservation),
};

const VALUE: { readonly dimension: Dimension; readonly measure: Measure } = {
  dimension: { kind: "number", value: sql`${scores.value}` },
  measure: number(sql`${scores.value}`),
};

function viewOf(
  dataTypes: readonly ScoreDataType[],
  more: Pick<AnalyticsView, "dimensions" | "measures">,
): AnalyticsView {
  return {
    table: scores,
    projectId: scores.projectId,
    time: scores.timestamp,
    condition: inArray(scores.dataType, [...dataTypes]),
    joins: {
      traces: sql`${traces.projectId} = ${scores.projectId} and ${traces.id} = ${scores.traceId}`,
      observations: sql`${observations.projectId} = ${scores.projectId} and ${observations.id} = ${scores.observationId}
        and ${observations.traceId} = ${scores.traceId}`,
    },
    dimensions: { ...DIMENSIONS, ...more.dimensions },
    measures: { count: ROWS, ...more.measures },
    filterOnly: {
      timestamp: { kind: "time", value: sql`${scores.timestamp}` },
      metadata: { kind: "object", value: sql`${scores.metadata}` },
    },
  };
}

const OF_NUMBERS = { dimensions: { value: VALUE.dimension }, measures: { value: VALUE.measure } };

/** A boolean is 0 or 1, so its average is the share of those that hold. */
export const NUMERIC_SCORE_VIEW = viewOf(["NUMERIC", "BOOLEAN"], OF_NUMBERS);
export const BOOLEAN_SCORE_VIEW = viewOf(["BOOLEAN"], {
  ...OF_NUMBERS,
  dimensions: { ...OF_NUMBERS.dimensions, booleanValue: { kind: "boolean", value: sql`(${scores.value} = 1)` } },
});
export const CATEGORICAL_SCORE_VIEW = viewOf(["CATEGORICAL"], {
  dimensions: { stringValue: text(sql`${scores.stringValue}`) },
  measures: {},
});
