import { randomUUID } from "node:crypto";
import type { Database } from "../client.ts";
import { comments } from "../schema/comments.ts";

export type CommentRow = typeof comments.$inferSelect;

/** Returns the new comment's id. Whether there is such an object is for the caller to know. */
export async function createComment(
  db: Database,
  comment: Pick<CommentRow, "projectId" | "objectType" | "objectId" | "content" | "authorUserId">,
): Promise<string> {
  const id = randomUUID();
  await db.insert(comments).values({ ...comment, id });
  return id;
}
