import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { media } from "../schema/media.ts";

export type MediaRow = typeof media.$inferSelect;

/** Those of these ids that there are, in no order. */
export async function findMediaOf(
  db: Database,
  { projectId, mediaIds }: { readonly projectId: string; readonly mediaIds: readonly string[] },
): Promise<MediaRow[]> {
  return await db
    .select()
    .from(media)
    .where(and(eq(media.projectId, projectId), sql`${media.id} = any(${sql.param(mediaIds)}::text[])`));
}

/** Primary key look-up. */
export async function findMedia(
  db: Database,
  { projectId, mediaId }: { readonly projectId: string; readonly mediaId: string },
): Promise<MediaRow | undefined> {
  const [row] = await db
    .select()
    .from(media)
    .where(and(eq(media.projectId, projectId), eq(media.id, mediaId)));
  return row;
}
