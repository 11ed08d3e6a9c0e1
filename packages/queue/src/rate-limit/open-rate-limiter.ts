import type { RateBudgets, RateLimiter } from "@xtrace/contract";
import { connectRedis } from "../connect-redis.ts";
import type { QueueOptions } from "../queue-options.ts";
import { createLeasedRateLimiter } from "./leased-rate-limiter.ts";
import { createTakeTokens } from "./take-tokens.ts";

const COMMAND_TIMEOUT_MS = 1_000;

/**
 * A limit shared by all processes that open it over the same Redis with the same `scope` and budgets.
 *
 * Resolves when Redis was reached, or could not be for now: `insurance` decides while it is away.
 */
export async function openRateLimiter(
  options: QueueOptions & {
    /** Keeps budgets of different kinds apart. */
    readonly scope: string;
    readonly budgets: RateBudgets;
    readonly insurance: RateLimiter;
  },
): Promise<RateLimiter> {
  const { url, prefix, scope, budgets, insurance, onError } = options;
  const client = connectRedis(url, { commandTimeoutMs: COMMAND_TIMEOUT_MS, onError });
  await new Promise<void>((resolve) => {
    client.once("ready", () => resolve()).once("error", () => resolve());
  });
  return createLeasedRateLimiter({
    budgets,
    take: createTakeTokens(client, `${prefix}:rate:${scope}:`, budgets),
    insurance,
    onError,
    close: () => client.disconnect(),
  });
}
