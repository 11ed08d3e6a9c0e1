import type { Session } from "@xtrace/contract";
import type { SessionStart, SessionSummary } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

/** A session as it is read back: where it began, and sums over its traces. */
export function presentSession(projectId: string, start: SessionStart, summary: SessionSummary): Session {
  return {
    id: start.id,
    createdAt: wireTime(start.startedAt),
    projectId,
    environment: start.environment ?? "default",
    countTraces: summary.traceCount,
    firstTimestamp: wireTime(summary.firstTimestamp),
    lastTimestamp: wireTime(summary.lastTimestamp),
    userIds: summary.userIds.toSorted(),
    totalCost: Number(summary.totalCost),
    promptTokens: summary.promptTokens,
    completionTokens: summary.completionTokens,
    totalTokens: summary.totalTokens,
  };
}
