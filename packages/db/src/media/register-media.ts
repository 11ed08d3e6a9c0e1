import { and, eq, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { media, mediaLinks, type MediaOwner } from "../schema/media.ts";

export type MediaLink = {
  readonly owner: MediaOwner;
  readonly ownerId: string;
  /** '' for the trace itself. */
  readonly partId: string;
  readonly field: string;
};

export type AnnouncedMedia = {
  readonly projectId: string;
  readonly mediaId: string;
  readonly sha256: string;
  readonly contentType: string;
  readonly contentLength: number;
  readonly link: MediaLink;
};

/**
 * Notes that a file is used somewhere, and whether its bytes are still to come. `conflict`: another file has its id.
 *
 * Locks the file's row, so that nobody who deletes the last use of it misses this one.
 */
export async function registerMedia(
  db: Database,
  announced: AnnouncedMedia,
): Promise<"stored" | "awaited" | "conflict"> {
  const { projectId, mediaId, link } = announced;
  return await db.transaction(async (tx) => {
    const row = (await findKnown(tx, announced)) ?? (await upsert(tx, announced));
    if (row?.sha256 !== announced.sha256) return "conflict";
    await tx
      .insert(mediaLinks)
      .values({ projectId, mediaId, ...link })
      .onConflictDoNothing();
    return row.uploadId === null ? "awaited" : "stored";
  });
}

type Known = Pick<typeof media.$inferSelect, "sha256" | "uploadId">;

/** Most files are sent with every call of a model: what is known already is not written again. */
async function findKnown(tx: Database, announced: AnnouncedMedia): Promise<Known | undefined> {
  const [row] = await tx
    .select({ sha256: media.sha256, uploadId: media.uploadId })
    .from(media)
    .where(
      and(
        eq(media.projectId, announced.projectId),
        eq(media.id, announced.mediaId),
        eq(media.sha256, announced.sha256),
        eq(media.contentType, announced.contentType),
        eq(media.contentLength, announced.contentLength),
      ),
    )
    .for("key share");
  return row;
}

/** The length of bytes that are there is known better than anybody can say it. */
async function upsert(tx: Database, announced: AnnouncedMedia): Promise<Known | undefined> {
  const { projectId, mediaId: id, sha256, contentType, contentLength } = announced;
  const [row] = await tx
    .insert(media)
    .values({ projectId, id, sha256, contentType, contentLength })
    .onConflictDoUpdate({
      target: [media.projectId, media.id],
      set: {
        contentType,
        contentLength: sql`case when ${media.uploadId} is null then excluded.content_length else ${media.contentLength} end`,
      },
      setWhere: eq(media.sha256, sha256),
    })
    .returning({ sha256: media.sha256, uploadId: media.uploadId });
  return row;
}
