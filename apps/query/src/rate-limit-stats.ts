import type { Identity } from "@xtrace/runtime";

/** What one project's keys were allowed and refused since this process started. */
export type ProjectRateLimitStats = {
  readonly allowed: number;
  readonly rejected: number;
  /** The most refused first. */
  readonly rejectedByKey: ReadonlyArray<{ readonly keyId: string; readonly count: number }>;
};

export type RateLimitStats = {
  record(identity: Identity, outcome: "allowed" | "rejected"): void;
  ofProject(projectId: string): ProjectRateLimitStats;
};

type KeyStats = { readonly projectId: string; readonly keyId: string; allowed: number; rejected: number };

const MAX_KEYS = 10_000;

/** Counts by key, in memory. Beyond `maxKeys` the key that was first seen longest ago is forgotten. */
export function createRateLimitStats(maxKeys = MAX_KEYS): RateLimitStats {
  const byKey = new Map<string, KeyStats>();

  function statsOf({ projectId, keyId }: Identity): KeyStats {
    const id = JSON.stringify([projectId, keyId]);
    const known = byKey.get(id);
    if (known) return known;
    const [oldest] = byKey.keys();
    if (byKey.size >= maxKeys && oldest !== undefined) byKey.delete(oldest);
    const stats = { projectId, keyId, allowed: 0, rejected: 0 };
    byKey.set(id, stats);
    return stats;
  }

  return {
    record(identity, outcome) {
      statsOf(identity)[outcome] += 1;
    },
    ofProject(projectId) {
      const keys = [...byKey.values()].filter((stats) => stats.projectId === projectId);
      return {
        allowed: keys.reduce((total, { allowed }) => total + allowed, 0),
        rejected: keys.reduce((total, { rejected }) => total + rejected, 0),
        rejectedByKey: keys
          .filter(({ rejected }) => rejected > 0)
          .toSorted((a, b) => b.rejected - a.rejected)
          .map(({ keyId, rejected }) => ({ keyId, count: rejected })),
      };
    },
  };
}
