import { z } from "zod";

/**
 * What a key may do. `scores` is what a public key alone may: write scores from a browser.
 *
 * Source: Langfuse, where `Authorization: Bearer pk-…` is the "scores" access level.
 */
export const SCOPES = ["ingest", "read", "admin", "scores"] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/**
 * A key as it is stored and handed around: no secret in it, only SHA-256 digests in lower-case hex.
 * Keys are 32 random bytes or more, so a fast digest is as good as a slow one.
 */
export const ApiKeyRecord = z.object({
  projectId: z.string().min(1),
  /** The user name of Basic authentication, and alone the browser's key. Absent for a bearer token. */
  publicKey: z.string().nullable(),
  secretHash: z.string().regex(/^[0-9a-f]{64}$/),
  scopes: z.array(Scope),
});
export type ApiKeyRecord = z.infer<typeof ApiKeyRecord>;
