/** `perSecond` in the long run, and never more than `burst` at once. */
export type RateBudget = { readonly perSecond: number; readonly burst: number };

/** What each key may do. `null`: as much as it likes. */
export type RateBudgets = { readonly requests: RateBudget | null; readonly bytes: RateBudget | null };

/** What is left of each budget; Infinity where there is none. `bytes` below zero are owed. */
export type RateTokens = { readonly requests: number; readonly bytes: number };

export type RateDecision = {
  readonly allowed: boolean;
  /** The budget that refused, or else the one of which the smaller share is left. */
  readonly budget: keyof RateBudgets;
  /** Of that budget, in its unit. */
  readonly limit: number;
  readonly remaining: number;
  /** Refused: until one request is allowed. Allowed: until the whole burst is there again. */
  readonly resetMs: number;
};

/**
 * Counts requests and bytes by key, in one process or in many that share a store.
 *
 * What a request weighs is known only after it was read, so it is let in while its key has any bytes
 * left, and charged afterwards, into debt if need be: a body larger than the burst is late, never lost.
 */
export type RateLimiter = {
  readonly budgets: RateBudgets;
  /** Takes one request. A decision at once where it needs no other process; never rejects. */
  consume(key: string): RateDecision | Promise<RateDecision>;
  charge(key: string, bytes: number): void;
  close(): Promise<void>;
};

export function fullTokens({ requests, bytes }: RateBudgets): RateTokens {
  return { requests: requests?.burst ?? Infinity, bytes: bytes?.burst ?? Infinity };
}

/** The tokens `elapsedMs` later, if nobody takes any. */
export function refillTokens(tokens: RateTokens, budgets: RateBudgets, elapsedMs: number): RateTokens {
  const refilled = (left: number, budget: RateBudget | null) =>
    budget ? Math.min(budget.burst, left + (elapsedMs / 1_000) * budget.perSecond) : Infinity;
  return {
    requests: refilled(tokens.requests, budgets.requests),
    bytes: refilled(tokens.bytes, budgets.bytes),
  };
}

export function sufficeTokens({ requests, bytes }: RateTokens): boolean {
  return requests >= 1 && bytes > 0;
}

/** What to tell the caller when `tokens` are left. */
export function decideRate(allowed: boolean, tokens: RateTokens, budgets: RateBudgets): RateDecision {
  const name = allowed ? scarcer(tokens, budgets) : shorter(tokens);
  const budget = budgets[name];
  if (!budget) return { allowed, budget: name, limit: Infinity, remaining: Infinity, resetMs: 0 };
  const missing = allowed ? budget.burst - tokens[name] : 1 - tokens[name];
  return {
    allowed,
    budget: name,
    limit: budget.burst,
    remaining: allowed ? Math.max(0, Math.floor(tokens[name])) : 0,
    resetMs: Math.max(0, (missing / budget.perSecond) * 1_000),
  };
}

function scarcer(tokens: RateTokens, { requests, bytes }: RateBudgets): keyof RateBudgets {
  if (!requests || !bytes) return requests ? "requests" : "bytes";
  return tokens.bytes / bytes.burst < tokens.requests / requests.burst ? "bytes" : "requests";
}

function shorter({ requests }: RateTokens): keyof RateBudgets {
  return requests < 1 ? "requests" : "bytes";
}
