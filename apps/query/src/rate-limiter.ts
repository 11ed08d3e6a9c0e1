import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

export type RateLimitSettings = {
  /** Requests per second in the long run, per key. 0 switches the limit off. */
  readonly qps: number;
  /** Requests at once, per key. */
  readonly burst: number;
};

export type RateLimitDecision = {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the next request is certain to be allowed. */
  readonly resetMs: number;
};

/** Takes one request of `key` out of its allowance. In memory here; a limiter over Redis has the same shape. */
export type RateLimiter = (key: string) => Promise<RateLimitDecision>;

/**
 * `burst` requests in each window of `burst / qps` seconds, so never more than `qps` in the long run.
 *
 * A key is tracked for one window only, and only keys that were authenticated get here, so memory
 * is bounded by the number of active keys. `undefined` when the limit is off.
 */
export function createMemoryRateLimiter({ qps, burst }: RateLimitSettings): RateLimiter | undefined {
  if (qps === 0) return undefined;
  const limiter = new RateLimiterMemory({ points: burst, duration: burst / qps });

  return async function takeOne(key) {
    try {
      return decision(true, burst, await limiter.consume(key));
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return decision(false, burst, refusal);
      throw refusal;
    }
  };
}

function decision(
  allowed: boolean,
  limit: number,
  { remainingPoints, msBeforeNext }: RateLimiterRes,
): RateLimitDecision {
  return { allowed, limit, remaining: remainingPoints, resetMs: msBeforeNext };
}
