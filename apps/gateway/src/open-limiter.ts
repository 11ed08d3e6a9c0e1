import type { RateBudgets, RateLimiter } from "@xtrace/contract";
import { isRedisUrl, openRateLimiter } from "@xtrace/queue";
import { createMemoryRateLimiter, logRepeatedErrors, type Logger } from "@xtrace/runtime";

/** `null` when nothing is limited. Shared with other gateways where the queue is in Redis. The caller closes it. */
export async function openLimiter(options: {
  readonly queue: { readonly url: string; readonly prefix: string };
  readonly budgets: RateBudgets;
  readonly log: Logger;
}): Promise<RateLimiter | null> {
  const { queue, budgets, log } = options;
  if (!budgets.requests && !budgets.bytes) return null;
  const memory = createMemoryRateLimiter(budgets);
  if (!isRedisUrl(queue.url)) return memory;
  return await openRateLimiter({
    ...queue,
    scope: "ingest",
    budgets,
    insurance: memory,
    onError: logRepeatedErrors(log, "rate limiter error"),
  });
}
