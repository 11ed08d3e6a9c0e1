import type { DatasetItem } from "@xtrace/contract";
import type { NamedDatasetItem } from "@xtrace/db";
import type { Context } from "hono";
import { findReferences } from "../media/find-references.ts";
import type { MediaLinks } from "../media/media-links.ts";
import { presentDatasetItem } from "../present/dataset.ts";

const FIELDS = ["input", "expectedOutput", "metadata"] as const;

/** Items with the files that they name, looked up all at once. Files that are not there are left out. */
export async function presentItemsWithMedia(
  c: Context,
  mediaLinks: MediaLinks,
  projectId: string,
  rows: readonly NamedDatasetItem[],
): Promise<DatasetItem[]> {
  const named = rows.map((row) =>
    FIELDS.flatMap((field) => findReferences(row[field]).map((reference) => ({ field, ...reference }))),
  );
  const mediaIds = [...new Set(named.flat().map(({ mediaId }) => mediaId))];
  const links = await mediaLinks(c, { projectId, mediaIds });
  return rows.map((row, index) => {
    const mediaReferences = (named[index] ?? []).flatMap(({ mediaId, ...reference }) => {
      const media = links.get(mediaId);
      return media ? [{ ...reference, media }] : [];
    });
    return presentDatasetItem(row, mediaReferences);
  });
}
