import { randomUUID } from "node:crypto";
import { stampOf } from "@xtrace/contract";
import type { metrics, scores, traces, traceUsage } from "@xtrace/db";
import { NOW_US } from "./route-app.ts";

type ScoreValues = typeof scores.$inferInsert;
type TraceValues = typeof traces.$inferInsert;
type MetricValues = typeof metrics.$inferInsert;
type UsageValues = typeof traceUsage.$inferInsert;

export function scoreRow(projectId: string, more: Partial<ScoreValues> = {}): ScoreValues {
  return {
    projectId,
    id: randomUUID(),
    timestamp: NOW_US,
    name: "quality",
    dataType: "NUMERIC",
    value: 0.5,
    traceId: "t",
    source: "API",
    eventStamp: stampOf(NOW_US),
    ...more,
  };
}

export function traceRow(projectId: string, more: Partial<TraceValues> = {}): TraceValues {
  return { projectId, id: "t", timestamp: NOW_US, eventStamp: stampOf(NOW_US), ...more };
}

export function metricRow(projectId: string, more: Partial<MetricValues> = {}): MetricValues {
  return {
    projectId,
    id: randomUUID(),
    environment: "default",
    name: "latency",
    labels: {},
    value: 1,
    timestamp: NOW_US,
    ...more,
  };
}

/** Also a `daily_usage` row, but for its `traceCount`. */
export function usageRow(projectId: string, more: Partial<UsageValues> = {}): UsageValues {
  return {
    projectId,
    traceId: "t",
    day: "2026-01-31",
    type: "GENERATION",
    model: "m",
    observationCount: 1,
    promptTokens: 10,
    completionTokens: 3,
    totalTokens: 13,
    totalCost: "0.1",
    ...more,
  };
}
