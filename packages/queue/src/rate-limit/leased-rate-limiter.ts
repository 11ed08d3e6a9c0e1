import {
  decideRate,
  refillTokens,
  sufficeTokens,
  type RateBudgets,
  type RateDecision,
  type RateLimiter,
  type RateTokens,
} from "@xtrace/contract";
import type { TakeTokens } from "./take-tokens.ts";

/** What a process takes ahead of need: a small part of the burst, so that none is kept from others for long. */
const LEASE_SHARE = 1 / 50;
/** How long a store that failed is left alone. */
const RETRY_MS = 1_000;
/** Only keys that were authenticated get here; beyond this many the one that came first gives up its lease. */
const MAX_KEYS = 10_000;

type Lease = {
  /** In this process's hands. Bytes below zero are owed to the shared bucket. */
  requests: number;
  bytes: number;
  /** What the shared bucket had left when it was last asked. */
  left: RateTokens;
  leftAtMs: number;
  /** Requests that wait for a refill. */
  waiting: number;
  refilling: Promise<void> | undefined;
};

/**
 * A limit that many processes share at the cost of one command to the store for many requests.
 *
 * Each process holds a lease of tokens it has taken out of the shared bucket, and decides alone while
 * they last; it asks for more in the background when half are gone. So no more is ever allowed than the
 * bucket gave, and a request waits for the store only when the lease is empty. What the bucket is
 * known to lack is refused without asking: others can only have taken more.
 *
 * While the store is away `insurance` decides, for this process alone: nobody is refused for the store's sake.
 */
export function createLeasedRateLimiter(options: {
  readonly budgets: RateBudgets;
  readonly take: TakeTokens;
  readonly insurance: RateLimiter;
  readonly onError: (error: Error) => void;
  readonly close: () => void;
  readonly nowMs?: () => number;
}): RateLimiter {
  const { budgets, take, insurance, onError, nowMs = () => performance.now() } = options;
  const leases = new Map<string, Lease>();
  const size: RateTokens = { requests: leaseOf(budgets.requests?.burst), bytes: leaseOf(budgets.bytes?.burst) };
  let awaySinceMs: number | undefined;

  function open(key: string): Lease {
    const known = leases.get(key);
    if (known) return known;
    const [oldest] = leases.keys();
    if (leases.size >= MAX_KEYS && oldest !== undefined) leases.delete(oldest);
    const lease: Lease = {
      requests: budgets.requests ? 0 : Infinity,
      bytes: budgets.bytes ? 0 : Infinity,
      left: { requests: Infinity, bytes: Infinity },
      leftAtMs: nowMs(),
      waiting: 0,
      refilling: undefined,
    };
    leases.set(key, lease);
    return lease;
  }

  /** What this process knows of: its lease and, at best, the shared bucket. */
  function tokensOf(lease: Lease): RateTokens {
    const shared = refillTokens(lease.left, budgets, nowMs() - lease.leftAtMs);
    return { requests: lease.requests + shared.requests, bytes: lease.bytes + shared.bytes };
  }

  /** `undefined`: only the store can tell. */
  function decideAlone(key: string, lease: Lease): RateDecision | undefined {
    if (lease.requests >= 1 && lease.bytes > 0) {
      lease.requests -= 1;
      refillAhead(key, lease);
      return decideRate(true, tokensOf(lease), budgets);
    }
    const tokens = tokensOf(lease);
    return sufficeTokens(tokens) ? undefined : decideRate(false, tokens, budgets);
  }

  function refillAhead(key: string, lease: Lease): void {
    // Of a burst so small that a lease is one request, one taken ahead would be one kept from another process.
    const isLow = size.requests > 1 && lease.requests < size.requests / 2;
    const isLight = lease.bytes < size.bytes / 2;
    if ((isLow || isLight) && mayAsk()) void refill(key, lease).catch(() => {});
  }

  function mayAsk(): boolean {
    return awaySinceMs === undefined || nowMs() - awaySinceMs > RETRY_MS;
  }

  function refill(key: string, lease: Lease): Promise<void> {
    lease.refilling ??= askStore(key, lease).finally(() => (lease.refilling = undefined));
    return lease.refilling;
  }

  async function askStore(key: string, lease: Lease): Promise<void> {
    const debtBytes = Math.max(0, -lease.bytes);
    const want = { requests: Math.max(size.requests, lease.waiting), bytes: size.bytes };
    // Before the answer: a store that hangs is asked once a while, not by everybody who comes.
    if (awaySinceMs !== undefined) awaySinceMs = nowMs();
    try {
      const { granted, left } = await take(key, want, debtBytes);
      lease.requests += granted.requests;
      lease.bytes += granted.bytes + debtBytes;
      lease.left = left;
      lease.leftAtMs = nowMs();
      awaySinceMs = undefined;
    } catch (cause) {
      awaySinceMs = nowMs();
      onError(cause instanceof Error ? cause : new Error(String(cause)));
      throw cause;
    }
  }

  async function decideWithStore(key: string, lease: Lease): Promise<RateDecision> {
    lease.waiting += 1;
    try {
      for (;;) {
        await refill(key, lease);
        const decision = decideAlone(key, lease);
        if (decision) return decision;
      }
    } catch {
      return await insurance.consume(key);
    } finally {
      lease.waiting -= 1;
    }
  }

  return {
    budgets,
    consume(key) {
      const lease = open(key);
      const decision = decideAlone(key, lease);
      if (decision) return decision;
      if (awaySinceMs === undefined) return decideWithStore(key, lease);
      if (mayAsk()) void refill(key, lease).catch(() => {});
      return insurance.consume(key);
    },
    charge(key, bytes) {
      if (awaySinceMs !== undefined) insurance.charge(key, bytes);
      const lease = open(key);
      lease.bytes -= bytes;
      refillAhead(key, lease);
    },
    async close() {
      await insurance.close();
      options.close();
    },
  };
}

function leaseOf(burst: number | undefined): number {
  return burst === undefined ? 0 : Math.max(1, Math.floor(burst * LEASE_SHARE));
}
