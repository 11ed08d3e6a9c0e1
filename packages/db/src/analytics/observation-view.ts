import { sql, type SQL } from "drizzle-orm";
import { costOf } from "../filter/trace-aggregates.ts";
import { IS_ROOT_OBSERVATION } from "../observations/is-root-observation.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { duration, monthOf, msBetween, number, ROWS, text, type AnalyticsView } from "./view.ts";

const start = sql`${observations.startTime}`;
/** What ended before it started did so at once. */
const end = sql`case when ${observations.endTime} is not null then greatest(${observations.startTime}, ${observations.endTime}) end`;
const firstToken = sql`${observations.completionStartTime}`;
const latency = msBetween(start, end);
const streamingLatency = msBetween(firstToken, end);

const ofTrace = { join: "traces" } as const;
const manyValues = { isHighCardinality: true } as const;

/** Observations without usage used nothing. Source: Langfuse, whose averages count them. */
function orNone(value: SQL): SQL {
  return sql`coalesce(${value}, 0)`;
}

function perSecond(units: SQL, ms: SQL): SQL {
  return sql`(${units} * 1000 / nullif(${ms}, 0))`;
}

const outputTokens = orNone(sql`${observations.completionTokens}`);
const totalTokens = orNone(sql`${observations.totalTokens}`);

export const OBSERVATION_VIEW: AnalyticsView = {
  table: observations,
  projectId: observations.projectId,
  time: observations.startTime,
  joins: {
    traces: sql`${traces.projectId} = ${observations.projectId} and ${traces.id} = ${observations.traceId}`,
  },
  dimensions: {
    id: text(sql`${observations.id}`, manyValues),
    traceId: text(sql`${observations.traceId}`, manyValues),
    parentObservationId: text(sql`${observations.parentObservationId}`, manyValues),
    userId: text(sql`${traces.userId}`, { ...ofTrace, ...manyValues }),
    sessionId: text(sql`${traces.sessionId}`, { ...ofTrace, ...manyValues }),
    traceName: text(sql`${traces.name}`, ofTrace),
    tags: { kind: "array", value: sql`${traces.tags}`, ...ofTrace },
    release: text(sql`${traces.release}`, ofTrace),
    traceRelease: text(sql`${traces.release}`, ofTrace),
    traceVersion: text(sql`${traces.version}`, ofTrace),
    environment: text(sql`coalesce(${observations.environment}, 'default')`),
    type: text(sql`coalesce(${observations.type}, 'SPAN')`),
    name: text(sql`${observations.name}`),
    level: text(sql`coalesce(${observations.level}, 'DEFAULT')`),
    version: text(sql`${observations.version}`),
    providedModelName: text(sql`${observations.model}`),
    promptName: text(sql`${observations.promptName}`),
    promptVersion: text(sql`${observations.promptVersion}`),
    isRootObservation: { kind: "boolean", value: IS_ROOT_OBSERVATION },
    startTimeMonth: text(monthOf(observations.startTime)),
  },
  measures: {
    count: ROWS,
    latency: duration(start, end),
    streamingLatency: duration(firstToken, end),
    timeToFirstToken: duration(start, firstToken),
    inputTokens: number(orNone(sql`${observations.promptTokens}`)),
    outputTokens: number(outputTokens),
    totalTokens: number(totalTokens),
    tokensPerSecond: number(perSecond(totalTokens, latency)),
    outputTokensPerSecond: number(perSecond(outputTokens, streamingLatency)),
    inputCost: number(orNone(costOf("input"))),
    outputCost: number(orNone(costOf("output"))),
    totalCost: number(sql`${observations.totalCost}`),
    countScores: number(sql`(
      select count(*) from ${scores} where ${scores.projectId} = ${observations.projectId}
      and ${scores.traceId} = ${observations.traceId} and ${scores.observationId} = ${observations.id})`),
  },
  filterOnly: {
    startTime: { kind: "time", value: start },
    metadata: { kind: "object", value: sql`${observations.metadata}` },
  },
};
