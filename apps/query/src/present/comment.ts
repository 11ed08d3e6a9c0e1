import type { Comment } from "@xtrace/contract";
import type { CommentRow } from "@xtrace/db";
import { wireTime } from "./wire-time.ts";

export function presentComment(row: CommentRow): Comment {
  return { ...row, createdAt: wireTime(row.createdAt), updatedAt: wireTime(row.updatedAt) };
}
