import type { TraceSummary } from "@xtrace/contract";
import type { TraceRow } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

/** Which groups of fields an answer holds; the core is always there. */
export type TraceFields = {
  readonly io: boolean;
  readonly scores: boolean;
  readonly observations: boolean;
  readonly metrics: boolean;
};

/** Source: Langfuse; a group that was not asked for reads -1. */
const NOT_ASKED_FOR = -1;

/** A stored trace as it is read back. Clients require numbers for latency and cost. */
export function presentTrace(row: TraceRow, fields: Pick<TraceFields, "io" | "metrics">): TraceSummary {
  return {
    id: row.id,
    projectId: row.projectId,
    timestamp: wireTime(row.timestamp),
    name: row.name,
    ...(fields.io ? { input: row.input ?? null, output: row.output ?? null, metadata: row.metadata ?? {} } : {}),
    userId: row.userId,
    sessionId: row.sessionId,
    release: row.release,
    version: row.version,
    environment: row.environment ?? "default",
    tags: row.tags,
    public: row.public ?? false,
    externalId: row.externalId,
    bookmarked: row.bookmarked ?? false,
    htmlPath: `/project/${encodeURIComponent(row.projectId)}/traces/${encodeURIComponent(row.id)}`,
    createdAt: wireTime(row.createdAt),
    updatedAt: wireTime(row.updatedAt),
    latency: fields.metrics ? (row.latency ?? 0) : NOT_ASKED_FOR,
    totalCost: fields.metrics ? Number(row.totalCost) : NOT_ASKED_FOR,
    observationCount: row.observationCount,
    errorCount: row.errorCount,
    promptTokens: row.promptTokens,
    completionTokens: row.completionTokens,
    totalTokens: row.totalTokens,
  };
}
