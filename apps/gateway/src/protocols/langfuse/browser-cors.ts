import { setHeader } from "@xtrace/runtime";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** What a page with a public key may call: scores are given in the browser. */
export const BROWSER_PATHS = ["/api/public/ingestion", "/api/public/scores"] as const;

/**
 * Lets any page call these paths. Mount it before authentication: a preflight carries no key, and
 * a page can read a 401 only with these headers on it.
 *
 * Credentials of the browser stay out, so a page can do no more than what the key it holds may do.
 * Allowed headers are those that the preflight asks for: SDKs add `X-Langfuse-…` headers of their own.
 */
export function browserCors(): MiddlewareHandler {
  const answerPreflight = cors({
    origin: "*",
    allowMethods: ["POST"],
    exposeHeaders: [EXPOSED],
    maxAge: PREFLIGHT_TTL_SECONDS,
  });
  return async function shared(c, next) {
    if (c.req.method === "OPTIONS") return await answerPreflight(c, next);
    setHeader(c, "Access-Control-Allow-Origin", "*");
    setHeader(c, "Access-Control-Expose-Headers", EXPOSED);
    await next();
  };
}

const EXPOSED = "Retry-After";

/** Chrome remembers a preflight for two hours at most. */
const PREFLIGHT_TTL_SECONDS = 7200;
