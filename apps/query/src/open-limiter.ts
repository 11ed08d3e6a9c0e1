import type { RateBudgets, RateLimiter } from "@xtrace/contract";
import { ConfigError, createMemoryRateLimiter, logRepeatedErrors, type Logger } from "@xtrace/runtime";

export type LimiterConfig = {
  /** Requests per second in the long run, per key. 0 switches the limit off. */
  readonly RATE_LIMIT_QPS: number;
  /** Requests at once, per key. */
  readonly RATE_LIMIT_BURST: number;
  /** Of answers, per second and key in the long run. 0 switches the limit off. */
  readonly RATE_LIMIT_BYTES: number;
  /** Where processes share their limits. */
  readonly REDIS_URL?: string | undefined;
  readonly QUEUE_PREFIX: string;
};

/** How much a key that was quiet may read at once. */
const BYTE_BURST_SECONDS = 10;

/** `null` when nothing is limited. The caller closes it. Rejects with ConfigError when `REDIS_URL` is no address. */
export async function openLimiter(config: LimiterConfig, log: Logger): Promise<RateLimiter | null> {
  const budgets = budgetsOf(config);
  if (!budgets.requests && !budgets.bytes) return null;
  const memory = createMemoryRateLimiter(budgets);
  if (config.REDIS_URL === undefined) return memory;
  // Loaded here only: with BullMQ it takes 27 MB, and a query app without Redis needs neither.
  const { openRateLimiter, redisUrlProblem } = await import("@xtrace/queue");
  const problem = redisUrlProblem(config.REDIS_URL);
  if (problem !== undefined) throw new ConfigError(`REDIS_URL: ${problem}`);
  return await openRateLimiter({
    url: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    scope: "query",
    budgets,
    insurance: memory,
    onError: logRepeatedErrors(log, "rate limiter error"),
  });
}

function budgetsOf({ RATE_LIMIT_QPS: perSecond, RATE_LIMIT_BURST: burst, RATE_LIMIT_BYTES: bytes }: LimiterConfig) {
  return {
    requests: perSecond === 0 ? null : { perSecond, burst },
    bytes: bytes === 0 ? null : { perSecond: bytes, burst: bytes * BYTE_BURST_SECONDS },
  } satisfies RateBudgets;
}
