import { and, asc, eq, inArray, notExists } from "drizzle-orm";
import type { Database } from "../client.ts";
import { media, mediaLinks } from "../schema/media.ts";

/**
 * Removes what the traces use, with its bytes, but for files that something else uses too.
 *
 * For the transaction that deletes the traces. Files are locked, in the order of their ids and before their uses as
 * whoever adds a use does it: one that is added at the same time is either seen here or makes the file anew.
 */
export async function deleteMediaOfTraces(
  tx: Database,
  { projectId, traceIds }: { readonly projectId: string; readonly traceIds: readonly string[] },
): Promise<void> {
  if (traceIds.length === 0) return;
  const isUse = and(
    eq(mediaLinks.projectId, projectId),
    eq(mediaLinks.owner, "trace"),
    inArray(mediaLinks.ownerId, [...traceIds]),
  );
  const used = await tx.selectDistinct({ mediaId: mediaLinks.mediaId }).from(mediaLinks).where(isUse);
  if (used.length === 0) return;
  const ids = used.map(({ mediaId }) => mediaId);
  const isUsed = and(eq(media.projectId, projectId), inArray(media.id, ids));
  await tx.select({ id: media.id }).from(media).where(isUsed).orderBy(asc(media.id)).for("update");
  await tx.delete(mediaLinks).where(and(isUse, inArray(mediaLinks.mediaId, ids)));
  const uses = tx
    .select({ mediaId: mediaLinks.mediaId })
    .from(mediaLinks)
    .where(and(eq(mediaLinks.projectId, media.projectId), eq(mediaLinks.mediaId, media.id)));
  await tx.delete(media).where(and(isUsed, notExists(uses)));
}
