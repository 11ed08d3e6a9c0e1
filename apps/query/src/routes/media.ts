import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { Media, MediaAnnouncement, MediaUploadReport, MediaUploadUrl, usFromIso } from "@xtrace/contract";
import { findMedia, registerMedia, reportUpload, type Database, type MediaLink, type MediaRow } from "@xtrace/db";
import { AppError, InvalidRequest } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { baseUrlOf } from "../media/base-url.ts";
import { errorResponses, json } from "../openapi.ts";
import { wireTime } from "../present/wire-time.ts";
import type { MediaUrls } from "../media/media-urls.ts";
import type { QueryEnv } from "./route.ts";

const tags = ["media"];
const params = z.object({ mediaId: z.string() });
const MAX_ERROR_LENGTH = 10_000;

const announceRoute = createRoute({
  method: "post",
  path: "/media",
  tags,
  summary: "Announce a file and learn where to upload it",
  description:
    "Files are known by their SHA-256: what the project has already is not uploaded again. The upload takes `PUT` " +
    "without a key and checks the length and the digest.",
  request: { body: { required: true, content: { "application/json": { schema: MediaAnnouncement } } } },
  responses: { 201: json("Where to upload.", MediaUploadUrl), ...errorResponses(400, 401, 403) },
});

const reportRoute = createRoute({
  method: "patch",
  path: "/media/{mediaId}",
  tags,
  summary: "Tell what became of an upload",
  request: { params, body: { required: true, content: { "application/json": { schema: MediaUploadReport } } } },
  responses: { 200: { description: "Kept." }, ...errorResponses(400, 401, 403, 404) },
});

const findRoute = createRoute({
  method: "get",
  path: "/media/{mediaId}",
  tags,
  summary: "A file and where to download it",
  request: { params },
  responses: { 200: json("The file.", Media), ...errorResponses(401, 403, 404) },
});

export type MediaSettings = {
  /** Of one file. */
  readonly maxBytes: number;
  /** Where clients reach this server; `null`: as each request says. */
  readonly publicUrl: string | null;
};

type Deps = MediaSettings & { readonly primary: Database; readonly urls: MediaUrls };

/** Files that traces refer to. Their bytes go over the signed URLs of media-transfer.ts. */
export function mediaRoutes({ primary, maxBytes, publicUrl, urls }: Deps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(announceRoute, async (c) => {
      const announced = c.req.valid("json");
      const { contentType, contentLength, sha256Hash: sha256 } = announced;
      if (contentLength > maxBytes) throw new AppError("BAD_REQUEST", `File size must be at most ${maxBytes} bytes`);
      const { projectId } = c.get("identity");
      const mediaId = mediaIdOf(sha256);
      const link = linkOf(announced);
      const state = await registerMedia(primary, { projectId, mediaId, sha256, contentType, contentLength, link });
      if (state === "conflict") throw new AppError("BAD_REQUEST", "sha256Hash begins like that of another file");
      if (state === "stored") return c.json({ mediaId, uploadUrl: null }, 201);
      const { url } = await urls.sign(baseUrlOf(c, publicUrl), { action: "upload", projectId, mediaId });
      return c.json({ mediaId, uploadUrl: url }, 201);
    })
    .openapi(reportRoute, async (c) => {
      const { uploadedAt, uploadHttpStatus, uploadHttpError } = c.req.valid("json");
      const { projectId } = c.get("identity");
      const isKnown = await reportUpload(
        primary,
        { projectId, mediaId: c.req.valid("param").mediaId },
        {
          uploadedAtUs: timeOf(uploadedAt),
          httpStatus: uploadHttpStatus,
          httpError: isSuccess(uploadHttpStatus) ? null : errorTextOf(uploadHttpError),
        },
      );
      if (!isKnown) throw new AppError("NOT_FOUND", "Media asset not found");
      return c.body(null, 200);
    })
    .openapi(findRoute, async (c) => {
      const { projectId } = c.get("identity");
      const file = await findMedia(primary, { projectId, mediaId: c.req.valid("param").mediaId });
      if (!file) throw new AppError("NOT_FOUND", "Media asset not found");
      if (file.uploadId === null) throw new AppError("NOT_FOUND", missingReason(file));
      const grant = { action: "download", projectId, mediaId: file.id } as const;
      const { url, expiresAt } = await urls.sign(baseUrlOf(c, publicUrl), grant);
      return c.json(
        {
          mediaId: file.id,
          contentType: file.contentType,
          contentLength: file.contentLength,
          uploadedAt: wireTime(file.uploadedAt ?? file.createdAt),
          url,
          urlExpiry: wireTime(expiresAt * 1e6),
        },
        200,
      );
    });
}

/** The first 132 bits of the digest, safe in a URL. Clients work it out for themselves and insist on it. */
function mediaIdOf(sha256: string): string {
  return Buffer.from(sha256, "base64").toString("base64url").slice(0, 22);
}

function linkOf({ traceId, observationId, datasetId, datasetItemId, field }: MediaAnnouncement): MediaLink {
  if (traceId) return { owner: "trace", ownerId: traceId, partId: observationId ?? "", field };
  return { owner: "dataset", ownerId: datasetId ?? "", partId: datasetItemId ?? "", field };
}

function timeOf(iso: string): number {
  const timeUs = usFromIso(iso);
  if (timeUs === undefined || !Number.isSafeInteger(timeUs)) {
    throw new InvalidRequest([{ path: "uploadedAt", message: "expected an ISO 8601 time with an offset" }]);
  }
  return timeUs;
}

function isSuccess(status: number): boolean {
  return status === 200 || status === 201;
}

function errorTextOf(text: string | null | undefined): string | null {
  return text ? text.slice(0, MAX_ERROR_LENGTH).toWellFormed() : null;
}

function missingReason({ uploadHttpStatus }: MediaRow): string {
  if (uploadHttpStatus === null || isSuccess(uploadHttpStatus)) return "Media not yet uploaded";
  return `Media upload failed with status ${uploadHttpStatus}`;
}
