import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { comments } from "../schema/comments.ts";
import type { CommentRow } from "./create-comment.ts";

/** One comment by its id, over the primary key. */
export async function findComment(
  db: Database,
  query: { readonly projectId: string; readonly commentId: string },
): Promise<CommentRow | undefined> {
  const isAsked = and(eq(comments.projectId, query.projectId), eq(comments.id, query.commentId));
  const [row] = await db.select().from(comments).where(isAsked);
  return row;
}
