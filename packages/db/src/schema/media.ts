import { sql } from "drizzle-orm";
import { bigint, foreignKey, index, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { bytea, id, timestampUs } from "./column-types.ts";

/**
 * One row a file that traces or data sets refer to: the bytes of one digest once in a project, whoever uploads them.
 *
 * It exists from the moment somebody announces an upload; `uploadId` tells which chunks are its content, once
 * they are there and their digest is the announced one.
 */
export const media = pgTable(
  "media",
  {
    projectId: id("project_id").notNull(),
    /** The first 132 bits of the digest, as clients know it before they ask. */
    id: id("id").notNull(),
    /** SHA-256 in base64. */
    sha256: text("sha256").notNull(),
    contentType: text("content_type").notNull(),
    contentLength: bigint("content_length", { mode: "number" }).notNull(),
    uploadId: uuid("upload_id"),
    uploadedAt: timestampUs("uploaded_at"),
    /** What the client says became of its upload. */
    uploadHttpStatus: integer("upload_http_status"),
    uploadHttpError: text("upload_http_error"),
    createdAt: timestampUs("created_at")
      .notNull()
      .default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.id] })],
);

/** Bytes of an upload in pieces of at most a mebibyte, so that nobody ever holds a whole file in memory. */
export const mediaChunks = pgTable(
  "media_chunks",
  {
    projectId: id("project_id").notNull(),
    mediaId: id("media_id").notNull(),
    /** Two clients may upload the same file at once. */
    uploadId: uuid("upload_id").notNull(),
    seq: integer("seq").notNull(),
    bytes: bytea("bytes").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.mediaId, t.uploadId, t.seq] }),
    foreignKey({
      name: "media_chunks_media_fk",
      columns: [t.projectId, t.mediaId],
      foreignColumns: [media.projectId, media.id],
    }).onDelete("cascade"),
  ],
);

/** What refers to a file: a trace, or a data set. */
export type MediaOwner = "trace" | "dataset";

/** Where a file is used. What it names may arrive later or never. */
export const mediaLinks = pgTable(
  "media_links",
  {
    projectId: id("project_id").notNull(),
    owner: text("owner").$type<MediaOwner>().notNull(),
    ownerId: id("owner_id").notNull(),
    /** The observation of the trace, or the item of the data set; '' for the trace itself. */
    partId: id("part_id").notNull(),
    field: text("field").notNull(),
    mediaId: id("media_id").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.owner, t.ownerId, t.partId, t.field, t.mediaId] }),
    foreignKey({
      name: "media_links_media_fk",
      columns: [t.projectId, t.mediaId],
      foreignColumns: [media.projectId, media.id],
    }).onDelete("cascade"),
    index("media_links_media_idx").on(t.projectId, t.mediaId),
  ],
);
