import { sql } from "drizzle-orm";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { monthOf, number, ROWS, text, type AnalyticsView } from "./view.ts";

/** Traces with the totals that they have ready. */
export const TRACE_VIEW: AnalyticsView = {
  table: traces,
  projectId: traces.projectId,
  time: traces.timestamp,
  joins: {},
  dimensions: {
    id: text(sql`${traces.id}`, { isHighCardinality: true }),
    name: text(sql`${traces.name}`),
    tags: { kind: "array", value: sql`${traces.tags}` },
    userId: text(sql`${traces.userId}`, { isHighCardinality: true }),
    sessionId: text(sql`${traces.sessionId}`, { isHighCardinality: true }),
    release: text(sql`${traces.release}`),
    version: text(sql`${traces.version}`),
    environment: text(sql`coalesce(${traces.environment}, 'default')`),
    timestampMonth: text(monthOf(traces.timestamp)),
  },
  measures: {
    count: ROWS,
    observationsCount: number(sql`${traces.observationCount}`),
    scoresCount: number(
      sql`(select count(*) from ${scores} where ${scores.projectId} = ${traces.projectId} and ${scores.traceId} = ${traces.id})`,
    ),
    uniqueUserIds: { kind: "string", value: sql`${traces.userId}` },
    uniqueSessionIds: { kind: "string", value: sql`${traces.sessionId}` },
    latency: number(sql`(${traces.latency} * 1000)`),
    totalTokens: number(sql`${traces.totalTokens}`),
    totalCost: number(sql`${traces.totalCost}`),
  },
  filterOnly: {
    timestamp: { kind: "time", value: sql`${traces.timestamp}` },
    metadata: { kind: "object", value: sql`${traces.metadata}` },
  },
};
