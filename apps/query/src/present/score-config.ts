import type { ScoreConfig } from "@xtrace/contract";
import type { ScoreConfigRow } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

export function presentScoreConfig(row: ScoreConfigRow): ScoreConfig {
  return { ...row, createdAt: wireTime(row.createdAt), updatedAt: wireTime(row.updatedAt) };
}
