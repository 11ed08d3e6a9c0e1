import type { Scope } from "@xtrace/contract";
import type { MiddlewareHandler } from "hono";
import { AppError } from "./app-error.ts";
import type { Identity, KeyRing } from "./key-ring.ts";

type IdentityEnv = { Variables: { identity: Identity } };

/** Paths that take requests without a key, into one project. Source: the Rust system's compatibility mode. */
export type OpenAccess = {
  readonly projectId: string;
  readonly paths: readonly string[];
  readonly scopes: readonly Scope[];
};

/**
 * Sets `identity` from the Authorization header, or answers 401. What the key may do is for routes to
 * ask: a public key alone, for one, may write scores and nothing else.
 */
export function authenticate<E extends IdentityEnv>(keyRing: KeyRing, open: OpenAccess | null): MiddlewareHandler<E> {
  return async function authenticated(c, next) {
    c.set("identity", identify(keyRing, open, c.req.path, c.req.header("authorization")));
    await next();
  };
}

/** The same for what is no HTTP request of Hono's: `path` is where it would be sent to. Throws UNAUTHORIZED. */
export function identify(
  keyRing: KeyRing,
  open: OpenAccess | null,
  path: string,
  header: string | undefined,
): Identity {
  const identity = keyRing.identify(header) ?? openIdentity(open, path, header);
  if (!identity) throw new AppError("UNAUTHORIZED", unauthorizedMessage(header));
  return identity;
}

/** No header at all, or any Basic one: clients that demand a key pair are given a made-up one. */
function openIdentity(open: OpenAccess | null, path: string, header: string | undefined): Identity | undefined {
  const isKeyless = header === undefined || /^basic\s/i.test(header);
  if (!open || !isKeyless || !open.paths.includes(path)) return undefined;
  return { projectId: open.projectId, scopes: open.scopes, keyId: "open" };
}

function unauthorizedMessage(header: string | undefined): string {
  if (header === undefined) return "Unauthorized: send Authorization: Basic publicKey:secretKey, or Bearer token";
  return "Unauthorized: no valid key in the Authorization header";
}

/** Throws FORBIDDEN unless the key has at least one of `scopes`. */
export function requireScope(identity: Identity, ...scopes: readonly Scope[]): void {
  if (scopes.some((scope) => identity.scopes.includes(scope))) return;
  throw new AppError("FORBIDDEN", `This key lacks the scope "${scopes[0]}"`);
}
