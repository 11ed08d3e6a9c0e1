import type { ScoreSubject, ScoreV3, ScoreV3Field } from "@xtrace/contract";
import type { ScoreRow } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

/** A stored score as Langfuse's v3 endpoint shows it, with the groups of fields that were asked for. */
export function presentScoreV3(row: ScoreRow, fields: ReadonlySet<ScoreV3Field>): ScoreV3 {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    dataType: row.dataType,
    value: valueOf(row),
    source: row.source,
    environment: row.environment ?? "default",
    timestamp: wireTime(row.timestamp),
    createdAt: wireTime(row.createdAt),
    updatedAt: wireTime(row.updatedAt),
    ...(fields.has("details") ? { comment: row.comment, configId: row.configId, metadata: row.metadata } : {}),
    ...(fields.has("annotation") ? { authorUserId: row.authorUserId, queueId: row.queueId } : {}),
    ...(fields.has("subject") ? { subject: subjectOf(row) } : {}),
  };
}

function valueOf({ dataType, value, stringValue }: ScoreRow): ScoreV3["value"] {
  switch (dataType) {
    case "NUMERIC":
      return value ?? 0;
    case "BOOLEAN":
      return value === 1;
    case "CATEGORICAL":
    case "TEXT":
    case "CORRECTION":
      return stringValue ?? "";
  }
}

/** The narrowest target: an observation is also of a trace. */
function subjectOf({ observationId, traceId, sessionId, datasetRunId }: ScoreRow): ScoreSubject | null {
  if (observationId !== null) {
    return { kind: "observation", id: observationId, ...(traceId === null ? {} : { traceId }) };
  }
  if (traceId !== null) return { kind: "trace", id: traceId };
  if (sessionId !== null) return { kind: "session", id: sessionId };
  return datasetRunId === null ? null : { kind: "experiment", id: datasetRunId };
}
