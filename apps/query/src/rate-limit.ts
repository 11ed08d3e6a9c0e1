import type { RateLimiter } from "@xtrace/contract";
import { rateLimit, setErrorHeaders, type AppError, type ChargeBytes, type Metrics } from "@xtrace/runtime";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { wireTime } from "./present/wire-time.ts";
import type { RateLimitStats } from "./rate-limit-stats.ts";
import type { QueryEnv } from "./routes/route.ts";

/** For the statistics, whether there is a limit or not. */
export function countRequests(stats: RateLimitStats) {
  return createMiddleware<QueryEnv>(async function countRequests(c, next) {
    await next();
    stats.record(c.get("identity"), c.res.status === TOO_MANY ? "rejected" : "allowed");
  });
}

const TOO_MANY = 429;

/** Limits each key in requests, and in bytes of their answers. */
export function limitReaders(deps: {
  readonly limiter: RateLimiter;
  readonly metrics: Metrics;
  /** The current time in Unix epoch microseconds. */
  readonly nowUs: () => number;
}) {
  const { limiter, metrics, nowUs } = deps;
  return rateLimit<QueryEnv>({
    limiter,
    scope: "query",
    metrics,
    weigh: chargeAnswer,
    refuse: (c, failure) => tooManyRequests(c, failure, nowUs()),
  });
}

/** As its bytes pass, so that a streamed answer is charged for what was sent of it. */
function chargeAnswer(c: Context<QueryEnv>, charge: ChargeBytes): void {
  if (!c.res.body) return;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      charge(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  c.res = new Response(c.res.body.pipeThrough(counted), c.res);
}

/** With the `meta.rate_limit` that clients of the Rust system read. */
function tooManyRequests(c: Context<QueryEnv>, failure: AppError, nowUs: number): Response {
  setErrorHeaders(c, failure);
  const resetAt = wireTime(nowUs + (failure.retryAfterSeconds ?? 1) * 1_000_000);
  const meta = { rate_limit: { remaining: 0, reset_at: resetAt } };
  return c.json({ ...failure.toBody(c.get("requestId")), meta }, failure.status);
}
