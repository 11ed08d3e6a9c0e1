import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { media } from "../schema/media.ts";

export type MediaRow = typeof media.$inferSelect;

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
