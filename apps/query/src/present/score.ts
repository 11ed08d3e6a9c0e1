import type { Score, ScoreTrace } from "@xtrace/contract";
import type { ScoreRow, ScoreTraceRow } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

/** A stored score as Langfuse's v1 and v2 endpoints show it. */
export function presentScore(row: ScoreRow): Score {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    dataType: row.dataType,
    value: numberOf(row),
    stringValue: row.stringValue,
    source: row.source,
    traceId: row.traceId,
    observationId: row.observationId,
    sessionId: row.sessionId,
    datasetRunId: row.datasetRunId,
    comment: row.comment,
    metadata: row.metadata,
    configId: row.configId,
    queueId: row.queueId,
    authorUserId: row.authorUserId,
    environment: row.environment ?? "default",
    timestamp: wireTime(row.timestamp),
    createdAt: wireTime(row.createdAt),
    updatedAt: wireTime(row.updatedAt),
  };
}

/** Langfuse's Python models demand a number for everything but a text; without one it is 0. */
function numberOf({ dataType, value }: ScoreRow): number | null {
  return dataType === "TEXT" ? value : (value ?? 0);
}

export function presentScoreTrace(trace: ScoreTraceRow): ScoreTrace {
  return {
    userId: trace.userId,
    tags: trace.tags,
    environment: trace.environment ?? "default",
    sessionId: trace.sessionId,
  };
}
