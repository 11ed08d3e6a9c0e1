import type { DeadLetter } from "@xtrace/contract";
import type { DeadLetterRow } from "@xtrace/db";
import { wireTime, wireTimeOrNull } from "./wire-time.ts";

export function presentDeadLetter(row: DeadLetterRow): DeadLetter {
  const { id, projectId, state, error, attempts, payloadBytes } = row;
  return {
    id,
    projectId,
    state,
    reason: row.sqlstate ?? "other",
    error,
    attempts,
    payloadBytes,
    receivedAt: wireTime(row.receivedAt),
    createdAt: wireTime(row.createdAt),
    replayRequestedAt: wireTimeOrNull(row.replayRequestedAt),
    replayedAt: wireTimeOrNull(row.replayedAt),
    discardedAt: wireTimeOrNull(row.discardedAt),
  };
}
