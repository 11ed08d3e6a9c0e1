import { wireTime } from "../present/wire-time.ts";
import { findMediaOf, type Database } from "@xtrace/db";
import type { Context } from "hono";
import { baseUrlOf } from "./base-url.ts";
import type { MediaUrls } from "./media-urls.ts";

/** A file as a caller may download it. */
export type MediaDownload = {
  readonly mediaId: string;
  readonly contentType: string;
  readonly contentLength: number;
  readonly url: string;
  readonly urlExpiry: string;
};

/** The project's files of these ids that have been uploaded, by id, with a URL for the caller. */
export type MediaLinks = (
  c: Context,
  query: { readonly projectId: string; readonly mediaIds: readonly string[] },
) => Promise<ReadonlyMap<string, MediaDownload>>;

export function createMediaLinks(options: {
  readonly primary: Database;
  readonly urls: MediaUrls;
  readonly publicUrl: string | null;
}): MediaLinks {
  const { primary, urls, publicUrl } = options;
  return async (c, { projectId, mediaIds }) => {
    if (mediaIds.length === 0) return new Map();
    const files = await findMediaOf(primary, { projectId, mediaIds });
    const links = files
      .filter(({ uploadId }) => uploadId !== null)
      .map(async ({ id: mediaId, contentType, contentLength }) => {
        const { url, expiresAt } = await urls.sign(baseUrlOf(c, publicUrl), { action: "download", projectId, mediaId });
        return [mediaId, { mediaId, contentType, contentLength, url, urlExpiry: wireTime(expiresAt * 1e6) }] as const;
      });
    return new Map(await Promise.all(links));
  };
}
