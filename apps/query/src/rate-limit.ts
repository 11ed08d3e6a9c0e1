import { AppError, setErrorHeaders, type Logger } from "@xtrace/runtime";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { wireTime } from "./present/wire-time.ts";
import type { RateLimitStats } from "./rate-limit-stats.ts";
import type { RateLimitDecision, RateLimiter } from "./rate-limiter.ts";
import type { QueryEnv } from "./routes/route.ts";

type Deps = {
  /** `undefined`: no limit, requests are only counted. */
  readonly limiter: RateLimiter | undefined;
  readonly stats: RateLimitStats;
  readonly nowUs: () => number;
  readonly log: Logger;
};

/** Limits each key; a limiter that fails lets requests pass, for reading must not depend on it. */
export function rateLimit({ limiter, stats, nowUs, log }: Deps) {
  async function decide(key: string): Promise<RateLimitDecision | undefined> {
    try {
      return await limiter?.(key);
    } catch (err) {
      log.warn({ err }, "rate limiter failed");
      return undefined;
    }
  }

  return createMiddleware<QueryEnv>(async function rateLimit(c, next) {
    const identity = c.get("identity");
    const decision = await decide(JSON.stringify([identity.projectId, identity.keyId]));
    stats.record(identity, decision?.allowed === false ? "rejected" : "allowed");
    if (decision) setRateLimitHeaders(c, decision);
    if (decision?.allowed === false) return tooManyRequests(c, decision, nowUs());
    return await next();
  });
}

/** Source: IETF draft "RateLimit header fields for HTTP", version 03. */
function setRateLimitHeaders(c: Context, { limit, remaining, resetMs }: RateLimitDecision): void {
  c.header("RateLimit-Limit", String(limit));
  c.header("RateLimit-Remaining", String(remaining));
  c.header("RateLimit-Reset", String(Math.ceil(resetMs / 1000)));
}

/** With the `meta.rate_limit` that clients of the Rust system read. */
function tooManyRequests(c: Context<QueryEnv>, { resetMs }: RateLimitDecision, nowUs: number): Response {
  const retryAfterSeconds = Math.max(1, Math.ceil(resetMs / 1000));
  const failure = new AppError("TOO_MANY_REQUESTS", "Too Many Requests", { retryAfterSeconds });
  setErrorHeaders(c, failure);
  const resetAt = wireTime(nowUs + retryAfterSeconds * 1_000_000);
  const meta = { rate_limit: { remaining: 0, reset_at: resetAt } };
  return c.json({ ...failure.toBody(c.get("requestId")), meta }, failure.status);
}
