import { randomUUID } from "node:crypto";
import { setHeader } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";
import type { GatewayEnv } from "./protocols/protocol.ts";

/*
 * What Hono's `requestId` and `secureHeaders` do, by way of `setHeader`.
 */

const REQUEST_ID = "X-Request-Id";
const CALLERS_ID = /^[\w\-=]{1,255}$/;

/** Names the request, by its caller's id for it if that is harmless, and tells the id in the response. */
export function requestId() {
  return createMiddleware<GatewayEnv>(async function named(c, next) {
    const sent = c.req.header(REQUEST_ID);
    const id = sent !== undefined && CALLERS_ID.test(sent) ? sent : randomUUID();
    c.set("requestId", id);
    setHeader(c, REQUEST_ID, id);
    await next();
  });
}

/** The defaults of Hono's `secureHeaders`; a test holds the two together. */
const SECURE_HEADERS: ReadonlyArray<readonly [name: string, value: string]> = [
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Origin-Agent-Cluster", "?1"],
  ["Referrer-Policy", "no-referrer"],
  ["Strict-Transport-Security", "max-age=15552000; includeSubDomains"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-DNS-Prefetch-Control", "off"],
  ["X-Download-Options", "noopen"],
  ["X-Frame-Options", "SAMEORIGIN"],
  ["X-Permitted-Cross-Domain-Policies", "none"],
  ["X-XSS-Protection", "0"],
];

export function secureHeaders() {
  return createMiddleware(async function secured(c, next) {
    for (const [name, value] of SECURE_HEADERS) setHeader(c, name, value);
    await next();
  });
}
