import {
  decideRate,
  fullTokens,
  refillTokens,
  sufficeTokens,
  type RateBudgets,
  type RateLimiter,
  type RateTokens,
} from "@xtrace/contract";

/** Only keys that were authenticated get here; beyond this many the one that came first starts anew. */
const MAX_KEYS = 10_000;

/** A bucket for each key, in this process alone. */
export function createMemoryRateLimiter(
  budgets: RateBudgets,
  nowMs: () => number = () => performance.now(),
): RateLimiter {
  const buckets = new Map<string, { readonly tokens: RateTokens; readonly atMs: number }>();

  function tokensOf(key: string): RateTokens {
    const bucket = buckets.get(key);
    return bucket ? refillTokens(bucket.tokens, budgets, nowMs() - bucket.atMs) : fullTokens(budgets);
  }

  function keep(key: string, tokens: RateTokens): void {
    const [oldest] = buckets.keys();
    if (buckets.size >= MAX_KEYS && oldest !== undefined && !buckets.has(key)) buckets.delete(oldest);
    buckets.set(key, { tokens, atMs: nowMs() });
  }

  return {
    budgets,
    consume(key) {
      const tokens = tokensOf(key);
      if (!sufficeTokens(tokens)) return decideRate(false, tokens, budgets);
      const left = { ...tokens, requests: tokens.requests - 1 };
      keep(key, left);
      return decideRate(true, left, budgets);
    },
    charge(key, bytes) {
      const tokens = tokensOf(key);
      keep(key, { ...tokens, bytes: tokens.bytes - bytes });
    },
    close: async () => {},
  };
}
