import { randomUUID } from "node:crypto";
import { stampOf } from "@xtrace/contract";
import type { dailyUsage, metrics, scores, traces, UsageEntry } from "@xtrace/db";
import { NOW_US } from "./route-app.ts";

type ScoreValues = typeof scores.$inferInsert;
type TraceValues = typeof traces.$inferInsert;
type MetricValues = typeof metrics.$inferInsert;
type UsageValues = typeof dailyUsage.$inferInsert;

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

export function dailyUsageRow(projectId: string, more: Partial<UsageValues> = {}): UsageValues {
  return {
    projectId,
    day: "2026-01-31",
    type: "GENERATION",
    model: "m",
    traceCount: 1,
    observationCount: 1,
    promptTokens: 10,
    completionTokens: 3,
    totalTokens: 13,
    totalCost: "0.1",
    ...more,
  };
}

/** What a trace used on a day, as `dailyUsageRow` has it. */
export function usageEntry(day: string): UsageEntry {
  return [day, "GENERATION", "m", 1, "10", "3", "13", "0.1"];
}
