import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { media, mediaChunks } from "../schema/media.ts";

/** One of the attempts to bring a file's bytes. */
export type MediaUpload = { readonly projectId: string; readonly mediaId: string; readonly uploadId: string };

/** Writes the piece at `seq`. False when the file was deleted meanwhile. */
export async function writeMediaChunk(
  db: Database,
  upload: MediaUpload,
  { seq, bytes }: { readonly seq: number; readonly bytes: Uint8Array },
): Promise<boolean> {
  const { projectId, mediaId, uploadId } = upload;
  const written = await db.execute(sql`
    insert into ${mediaChunks} (project_id, media_id, upload_id, seq, bytes)
    select ${media.projectId}, ${media.id}, ${uploadId}::uuid, ${seq}::integer, ${bytes}::bytea
    from ${media} where ${media.projectId} = ${projectId} and ${media.id} = ${mediaId}`);
  return written.count === 1;
}

/** `undefined` where there is none: behind the last one, or since the file was deleted. */
export async function readMediaChunk(db: Database, upload: MediaUpload, seq: number): Promise<Uint8Array | undefined> {
  const [row] = await db
    .select({ bytes: mediaChunks.bytes })
    .from(mediaChunks)
    .where(and(isOf(upload), eq(mediaChunks.uploadId, upload.uploadId), eq(mediaChunks.seq, seq)));
  return row?.bytes;
}

/**
 * Makes an upload that is complete the file's content, unless another one came first. Either way the pieces of all
 * others go: those of attempts that a crash cut off, and those that are under way, which are not needed any more.
 */
export async function finishUpload(db: Database, upload: MediaUpload): Promise<void> {
  const { projectId, mediaId, uploadId } = upload;
  const isFile = and(eq(media.projectId, projectId), eq(media.id, mediaId));
  await db.transaction(async (tx) => {
    await tx
      .update(media)
      .set({ uploadId, uploadedAt: sql`now()`, uploadHttpStatus: 200, uploadHttpError: null })
      .where(and(isFile, isNull(media.uploadId)));
    const content = tx.select({ uploadId: media.uploadId }).from(media).where(isFile);
    await tx.delete(mediaChunks).where(and(isOf(upload), ne(mediaChunks.uploadId, content)));
  });
}

/** Forgets what came of an upload that failed. */
export async function dropUpload(db: Database, upload: MediaUpload): Promise<void> {
  await db.delete(mediaChunks).where(and(isOf(upload), eq(mediaChunks.uploadId, upload.uploadId)));
}

function isOf({ projectId, mediaId }: MediaUpload) {
  return and(eq(mediaChunks.projectId, projectId), eq(mediaChunks.mediaId, mediaId));
}
