import { createHmac, timingSafeEqual } from "node:crypto";
import { ensureSigningSecret, type Database } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";

export type MediaAction = "upload" | "download";

/** What the holder of a URL may do until it expires. */
export type MediaGrant = { readonly action: MediaAction; readonly projectId: string; readonly mediaId: string };

/** What a URL says besides its path. */
export type SignedQuery = { readonly project: string; readonly expires: string; readonly signature: string };

export type MediaUrls = {
  /** A URL at `baseUrl` that carries the grant, and the time at which it ends, in Unix epoch seconds. */
  sign(baseUrl: string, grant: MediaGrant): Promise<{ readonly url: string; readonly expiresAt: number }>;
  /** Returns the grant, or throws FORBIDDEN: the URL was not made here, was made for something else, or is too old. */
  verify(action: MediaAction, mediaId: string, query: SignedQuery): Promise<MediaGrant>;
};

/** As long as Langfuse's. */
const TTL_SECONDS = 3600;

/**
 * URLs that need no key, as clients use those of an object store: they carry what is allowed and an HMAC-SHA256 of it.
 *
 * The secret is kept in the database, so that all processes agree: see ensureSigningSecret.
 */
export function createMediaUrls(options: { readonly primary: Database; readonly nowUs: () => number }): MediaUrls {
  const { primary, nowUs } = options;
  let secret: Promise<string> | undefined;

  async function signatureOf({ action, projectId, mediaId }: MediaGrant, expires: string): Promise<Buffer> {
    secret ??= ensureSigningSecret(primary, "media-urls").catch((error: unknown) => {
      secret = undefined;
      throw error;
    });
    const text = JSON.stringify([action, projectId, mediaId, expires]);
    return createHmac("sha256", await secret)
      .update(text)
      .digest();
  }

  return {
    async sign(baseUrl, grant) {
      const expiresAt = Math.floor(nowUs() / 1e6) + TTL_SECONDS;
      const expires = String(expiresAt);
      const signature = (await signatureOf(grant, expires)).toString("base64url");
      const query = new URLSearchParams({ project: grant.projectId, expires, signature } satisfies SignedQuery);
      const path = `/api/public/media/${encodeURIComponent(grant.mediaId)}/${grant.action}`;
      return { url: `${baseUrl}${path}?${query.toString()}`, expiresAt };
    },
    async verify(action, mediaId, { project, expires, signature }) {
      const grant = { action, projectId: project, mediaId };
      const expected = await signatureOf(grant, expires);
      const given = Buffer.from(signature, "base64url");
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw new AppError("FORBIDDEN", "This URL was not made for this");
      }
      if (Number(expires) * 1e6 < nowUs()) throw new AppError("FORBIDDEN", "This URL has expired");
      return grant;
    },
  };
}
