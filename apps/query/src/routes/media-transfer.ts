import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { findMedia, type Database } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import type { MediaUrls } from "../media/media-urls.ts";
import { readContent } from "../media/read-content.ts";
import { storeUpload } from "../media/store-upload.ts";
import { errorResponses } from "../openapi.ts";
import type { QueryEnv } from "./route.ts";

const tags = ["media"];
/** The URL says itself who may do what. */
const security: Array<Record<string, string[]>> = [];
const params = z.object({ mediaId: z.string() });
const query = z.object({
  project: z.string(),
  expires: z.string().regex(/^\d{1,12}$/),
  signature: z.string(),
});
const anyType = { content: { "*/*": { schema: z.string().meta({ format: "binary" }) } } };

const uploadRoute = createRoute({
  method: "put",
  path: "/media/{mediaId}/upload",
  tags,
  security,
  summary: "Upload the bytes of a file, at the URL that its announcement gave",
  request: { params, query, body: anyType },
  responses: { 200: { description: "The file is stored." }, ...errorResponses(400, 403, 404) },
});

const downloadRoute = createRoute({
  method: "get",
  path: "/media/{mediaId}/download",
  tags,
  security,
  summary: "The bytes of a file, at the URL that its description gave",
  request: { params, query },
  responses: {
    200: { description: "The file, as what it was announced to be.", ...anyType },
    ...errorResponses(400, 403, 404),
  },
});

/**
 * Bytes in and out, as clients use the URLs of an object store. Mount it before authentication.
 *
 * The primary serves both: a file is read as soon as it is written.
 */
export function mediaTransferRoutes(deps: {
  readonly primary: Database;
  readonly urls: MediaUrls;
}): OpenAPIHono<QueryEnv> {
  const { primary, urls } = deps;
  return createRouter()
    .openapi(uploadRoute, async (c) => {
      const { mediaId } = c.req.valid("param");
      const { projectId } = await urls.verify("upload", mediaId, c.req.valid("query"));
      const file = await findMedia(primary, { projectId, mediaId });
      if (!file) throw new AppError("NOT_FOUND", "Media asset not found");
      const checksum = c.req.header("x-amz-checksum-sha256");
      if (checksum !== undefined && checksum !== file.sha256) {
        throw new AppError("BAD_REQUEST", "x-amz-checksum-sha256 is not the announced digest");
      }
      await storeUpload(primary, file, c.req.raw.body);
      return c.body(null, 200);
    })
    .openapi(downloadRoute, async (c) => {
      const { mediaId } = c.req.valid("param");
      const { projectId } = await urls.verify("download", mediaId, c.req.valid("query"));
      const file = await findMedia(primary, { projectId, mediaId });
      if (!file?.uploadId) throw new AppError("NOT_FOUND", "Media asset not found");
      const content = readContent(primary, { projectId, mediaId, uploadId: file.uploadId }, file.contentLength);
      return c.body(content, 200, {
        "Content-Type": file.contentType,
        "Content-Length": String(file.contentLength),
        ...UNTRUSTED,
      });
    });
}

/** Anybody's HTML or SVG, which must not run as a page of this origin. */
const UNTRUSTED = {
  "Content-Disposition": "attachment",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "private, max-age=300",
};
