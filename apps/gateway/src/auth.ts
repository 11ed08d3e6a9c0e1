import { AppError, type Identity, type KeyRing } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";
import type { GatewayEnv } from "./protocols/protocol.ts";

/**
 * Sets `identity` from the Authorization header, or throws UNAUTHORIZED. What the key may do is for each
 * route to ask: a public key alone may write scores and nothing else.
 *
 * `openProjectId` is the Rust system's compatibility mode: requests without a usable key go there.
 */
export function authenticate(keyRing: KeyRing, openProjectId: string | null = null) {
  return createMiddleware<GatewayEnv>(async function authenticated(c, next) {
    const header = c.req.header("authorization");
    const identity = keyRing.identify(header) ?? openIdentity(openProjectId, header);
    if (!identity) throw new AppError("UNAUTHORIZED", unauthorizedMessage(header));
    c.set("identity", identity);
    await next();
  });
}

/** Source: xtrace's XTRACE_ALLOW_UNAUTHENTICATED_COMPAT, which takes no header or any Basic one. */
function openIdentity(projectId: string | null, header: string | undefined): Identity | undefined {
  const isOpen = projectId !== null && (header === undefined || /^basic\s/i.test(header));
  return isOpen ? { projectId, scopes: ["ingest"], keyId: "open" } : undefined;
}

function unauthorizedMessage(header: string | undefined): string {
  if (header === undefined) return "No Authorization header: send Basic publicKey:secretKey or a Bearer token";
  return "Invalid credentials";
}
