import type { RateDecision, RateLimiter } from "@xtrace/contract";
import type { Context, MiddlewareHandler } from "hono";
import { Counter } from "prom-client";
import { AppError } from "./app-error.ts";
import type { Identity } from "./key-ring.ts";
import type { Metrics } from "./metrics.ts";
import { setHeader } from "./set-header.ts";

type IdentityEnv = { Variables: { identity: Identity } };

/** The bytes of one request that count, as they become known. */
export type ChargeBytes = (bytes: number) => void;

/**
 * Answers 429 to a key beyond its budget, and tells every caller what is left of it.
 *
 * `weigh` runs after an allowed request and charges what it weighed, where bytes are limited.
 * Source of the headers: IETF draft "RateLimit header fields for HTTP", version 03.
 */
export function rateLimit<E extends IdentityEnv>(options: {
  readonly limiter: RateLimiter;
  readonly scope: "ingest" | "query";
  readonly metrics: Metrics;
  readonly weigh: (c: Context<E>, charge: ChargeBytes) => void;
  /** For an answer of one's own; else the failure is thrown. */
  readonly refuse?: (c: Context<E>, failure: AppError) => Response;
}): MiddlewareHandler<E> {
  const { limiter, weigh, refuse } = options;
  const gate = createRateGate(options);

  return async function rateLimited(c, next) {
    const identity = c.get("identity");
    const asked = gate.take(identity);
    // Not awaited where it is there already: this is on the way of every request.
    const { decision, failure } = asked instanceof Promise ? await asked : asked;
    setRateLimitHeaders(c, decision);
    if (!failure) {
      await next();
      if (limiter.budgets.bytes) weigh(c, (bytes) => gate.charge(identity, bytes));
      return;
    }
    if (!refuse) throw failure;
    return refuse(c, failure);
  };
}

type Taken = { readonly decision: RateDecision; readonly failure?: AppError };

/** The budgets of keys, for whoever answers requests; `failure` is what the one that is refused is told. */
export type RateGate = {
  take(identity: Identity): Taken | Promise<Taken>;
  charge(identity: Identity, bytes: number): void;
};

export function createRateGate(options: {
  readonly limiter: RateLimiter;
  readonly scope: "ingest" | "query";
  readonly metrics: Metrics;
}): RateGate {
  const { limiter, scope } = options;
  const limited = limitedCounter(options.metrics);

  function judge(decision: RateDecision): Taken {
    if (decision.allowed) return { decision };
    limited.inc({ scope, budget: decision.budget });
    return { decision, failure: tooMany(decision) };
  }

  return {
    take(identity) {
      const asked = limiter.consume(limitKey(identity));
      return asked instanceof Promise ? asked.then(judge) : judge(asked);
    },
    charge: (identity, bytes) => limiter.charge(limitKey(identity), bytes),
  };
}

/**
 * With its scopes: a public key by itself, which any page may hold, must not use up what its owner
 * has with the secret.
 */
function limitKey({ projectId, keyId, scopes }: Identity): string {
  return JSON.stringify([projectId, keyId, scopes]);
}

function setRateLimitHeaders(c: Context, { limit, remaining, resetMs }: RateDecision): void {
  setHeader(c, "RateLimit-Limit", String(limit));
  setHeader(c, "RateLimit-Remaining", String(remaining));
  setHeader(c, "RateLimit-Reset", String(Math.ceil(resetMs / 1000)));
}

function tooMany({ budget, limit, resetMs }: RateDecision): AppError {
  const retryAfterSeconds = Math.max(1, Math.ceil(resetMs / 1000));
  const message = `Too Many Requests: this key has used up its ${limit} ${budget}, try again in ${retryAfterSeconds} s`;
  return new AppError("TOO_MANY_REQUESTS", message, { retryAfterSeconds });
}

const LIMITED = "xtrace_rate_limited_total";

/** Gateway and query count in one registry where they are one process. */
function limitedCounter({ registry }: Metrics): Counter {
  const known = registry.getSingleMetric(LIMITED);
  if (known instanceof Counter) return known;
  return new Counter({
    name: LIMITED,
    help: "Requests answered 429, by what was limited and the budget that was used up",
    labelNames: ["scope", "budget"],
    registers: [registry],
  });
}
