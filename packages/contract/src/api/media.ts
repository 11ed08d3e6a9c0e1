import { z } from "zod";
import { LIMITS } from "../limits.ts";

/** What may be uploaded. Source: Langfuse's public API, `MediaContentType`. */
export const MEDIA_CONTENT_TYPES = [
  "image/png",
  "image/jpeg",
  "image/jpg",
  "image/webp",
  "image/gif",
  "image/svg+xml",
  "image/tiff",
  "image/bmp",
  "image/avif",
  "image/heic",
  "audio/mpeg",
  "audio/mp3",
  "audio/wav",
  "audio/ogg",
  "audio/oga",
  "audio/aac",
  "audio/mp4",
  "audio/flac",
  "audio/opus",
  "audio/webm",
  "video/mp4",
  "video/webm",
  "video/ogg",
  "video/mpeg",
  "video/quicktime",
  "video/x-msvideo",
  "video/x-matroska",
  "text/plain",
  "text/html",
  "text/css",
  "text/csv",
  "text/markdown",
  "text/x-python",
  "application/javascript",
  "text/x-typescript",
  "application/x-yaml",
  "application/pdf",
  "application/msword",
  "application/vnd.ms-excel",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  "application/zip",
  "application/json",
  "application/xml",
  "application/octet-stream",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  "application/rtf",
  "application/x-ndjson",
  "application/vnd.apache.parquet",
  "application/gzip",
  "application/x-tar",
  "application/x-7z-compressed",
] as const;

/** Measured in bytes, for two of them share an index entry. */
const OwnerId = z.string().refine((id) => id.length > 0 && new TextEncoder().encode(id).length <= LIMITS.maxIdLength, {
  error: `expected 1 to ${LIMITS.maxIdLength} bytes`,
});

/** Of a trace or an observation, and of an item of a data set. */
const TRACE_FIELDS: readonly string[] = ["input", "output", "metadata"];
const ITEM_FIELDS: readonly string[] = ["input", "expectedOutput", "metadata"];

/** Announces a file and where it is used: in a trace or an observation of it, or in an item of a data set. */
export const MediaAnnouncement = z
  .object({
    traceId: OwnerId.nullish(),
    observationId: OwnerId.nullish(),
    datasetId: OwnerId.nullish(),
    datasetItemId: OwnerId.nullish(),
    contentType: z.enum(MEDIA_CONTENT_TYPES),
    contentLength: z.int().positive().describe("Bytes."),
    sha256Hash: z
      .string()
      .regex(/^[A-Za-z0-9+/]{43}=$/, { error: "expected a SHA-256 digest in base64" })
      .describe("Of the content, in base64."),
    field: z.enum(["input", "output", "metadata", "expectedOutput"]),
  })
  .refine(({ traceId, datasetId }) => !traceId !== !datasetId, {
    path: ["traceId"],
    error: "give either traceId or datasetId with datasetItemId",
  })
  .refine(({ datasetId, datasetItemId }) => !datasetId === !datasetItemId, {
    path: ["datasetItemId"],
    error: "datasetId and datasetItemId go together",
  })
  .refine(({ traceId, observationId }) => Boolean(traceId) || !observationId, {
    path: ["observationId"],
    error: "needs the traceId too",
  })
  .refine(({ traceId, field }) => (traceId ? TRACE_FIELDS : ITEM_FIELDS).includes(field), {
    path: ["field"],
    error: `expected one of ${TRACE_FIELDS.join(", ")} with traceId, of ${ITEM_FIELDS.join(", ")} with datasetId`,
  });
export type MediaAnnouncement = z.infer<typeof MediaAnnouncement>;

export const MediaUploadUrl = z.object({
  mediaId: z.string().describe("The first 132 bits of the digest, in base64url."),
  uploadUrl: z
    .string()
    .nullable()
    .describe("Where to PUT the bytes, without a key, within the hour; `null` when they are here already."),
});
export type MediaUploadUrl = z.infer<typeof MediaUploadUrl>;

/** What became of an upload, as the client saw it. */
export const MediaUploadReport = z.object({
  uploadedAt: z.iso.datetime({ offset: true }),
  uploadHttpStatus: z.int().positive().max(999),
  uploadHttpError: z.string().nullish(),
  uploadTimeMs: z.number().nullish(),
});
export type MediaUploadReport = z.infer<typeof MediaUploadReport>;

export const Media = z
  .object({
    mediaId: z.string(),
    contentType: z.string(),
    contentLength: z.int().describe("Bytes."),
    uploadedAt: z.iso.datetime(),
    url: z.string().describe("Where to GET the bytes, without a key."),
    urlExpiry: z.iso.datetime().describe("Until when `url` works."),
  })
  .meta({ id: "Media" });
export type Media = z.infer<typeof Media>;
