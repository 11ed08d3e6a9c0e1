import { declaresJson, parseJson, readBody, type BodyLimits } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";
import type { QueryEnv } from "./routes/route.ts";

/** Of the largest thing that is managed here, a prompt or an item of a dataset, with room to spare. */
const LIMITS: BodyLimits = { maxBodyBytes: 8 * 1024 * 1024, maxInflatedBytes: 16 * 1024 * 1024 };

const WITHOUT_BODY = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Puts a JSON body within bounds before any route sees it: its size, depth and numbers, and text that PostgreSQL can
 * store; see parseJson. A body without a type is taken as JSON, one of another type is left alone.
 */
export const readJsonBodies = createMiddleware<QueryEnv>(async function readJsonBodies(c, next) {
  const request = c.req.raw;
  if (!WITHOUT_BODY.has(request.method) && declaresJson(request)) {
    const bytes = await readBody(request, LIMITS);
    const headers = new Headers(request.headers);
    headers.set("Content-Type", "application/json");
    const body = bytes.length === 0 ? null : JSON.stringify(parseJson(bytes));
    c.req.raw = new Request(request.url, { method: request.method, headers, body });
  }
  await next();
});
