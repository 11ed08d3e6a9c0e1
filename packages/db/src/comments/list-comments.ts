import type { CommentObjectType } from "@xtrace/contract";
import { and, desc, eq, gte, inArray, lt } from "drizzle-orm";
import type { Database } from "../client.ts";
import { observationIdCandidates } from "../observations/observation-id-candidates.ts";
import { comments } from "../schema/comments.ts";
import type { CommentRow } from "./create-comment.ts";

export type CommentFilter = {
  readonly projectId: string;
  readonly objectType?: CommentObjectType | undefined;
  /** In either spelling of a UUID. */
  readonly objectId?: string | undefined;
  readonly authorUserId?: string | undefined;
  /** Unix epoch microseconds, of when comments were made: at or after, and before. */
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
};

/** One page of comments, newest first, and how many match. */
export async function listComments(
  db: Database,
  query: { readonly filter: CommentFilter; readonly limit: number; readonly offset: number },
): Promise<{ readonly rows: CommentRow[]; readonly total: number }> {
  const { projectId, objectType, objectId, authorUserId, fromUs, toUs } = query.filter;
  const matches = and(
    eq(comments.projectId, projectId),
    objectType && eq(comments.objectType, objectType),
    objectId === undefined ? undefined : inArray(comments.objectId, observationIdCandidates(objectId)),
    authorUserId === undefined ? undefined : eq(comments.authorUserId, authorUserId),
    fromUs === undefined ? undefined : gte(comments.createdAt, fromUs),
    toUs === undefined ? undefined : lt(comments.createdAt, toUs),
  );
  const total = await db.$count(comments, matches);
  const rows = await db
    .select()
    .from(comments)
    .where(matches)
    .orderBy(desc(comments.createdAt), desc(comments.id))
    .limit(query.limit)
    .offset(query.offset);
  return { rows, total };
}
