import { and, eq } from "drizzle-orm";
import type { Database } from "../client.ts";
import { media } from "../schema/media.ts";

export type ReportedUpload = {
  readonly uploadedAtUs: number;
  readonly httpStatus: number;
  readonly httpError: string | null;
};

/** Keeps what a client says of its upload. False when there is no such file. Whether the bytes are there is not for it to say. */
export async function reportUpload(
  db: Database,
  { projectId, mediaId }: { readonly projectId: string; readonly mediaId: string },
  { uploadedAtUs, httpStatus, httpError }: ReportedUpload,
): Promise<boolean> {
  const changed = await db
    .update(media)
    .set({ uploadedAt: uploadedAtUs, uploadHttpStatus: httpStatus, uploadHttpError: httpError })
    .where(and(eq(media.projectId, projectId), eq(media.id, mediaId)))
    .returning({ id: media.id });
  return changed.length > 0;
}
