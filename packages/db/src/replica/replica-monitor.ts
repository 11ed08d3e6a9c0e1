import { setTimeout as sleep } from "node:timers/promises";
import type { Driver } from "../client.ts";
import { createReplicaLag } from "./replica-lag.ts";

/** Why a replica is not read from. */
export type ReplicaFault = "unreachable" | "not_a_replica" | "lag";

export type ReplicaState = {
  /** What speaks against the replica; `null` if nothing does. */
  readonly fault: ReplicaFault | null;
  /** At least so far behind; `null` if nobody knows. */
  readonly lagMs: number | null;
  readonly isPrimaryAway: boolean;
};

export type ReplicaMonitor = {
  readonly state: ReplicaState;
  /** Somebody could not reach the replica: it is not used until it has answered again. */
  lost(): void;
  /** As `answer`, but rejects when the replica is lost, so that nobody waits for one that hangs. */
  orLost<T>(answer: PromiseLike<T>): Promise<T>;
  readonly first: Promise<void>;
  stop(): Promise<void>;
};

const POLL_MS = 250;
const POLL_TIMEOUT_MS = 1_000;

const REPLICA_POSITION = `
  select pg_is_in_recovery() as in_recovery,
    pg_wal_lsn_diff(coalesce(pg_last_wal_replay_lsn(), '0/0'), '0/0')::float8 as replayed,
    (extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::float8 as age_ms`;

/** DATABASE_URL may itself lead to a standby, as after a fail-over that nobody told us of. */
const PRIMARY_POSITION = `
  select pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
    '0/0')::float8 as written`;

/** Asks primary and replica four times a second how far they are, on connections of its own. */
export function watchReplica(options: {
  readonly primary: Driver;
  readonly replica: Driver;
  readonly maxLagMs: number;
  readonly onState: (state: ReplicaState) => void;
}): ReplicaMonitor {
  const { primary, replica, maxLagMs, onState } = options;
  const lagOf = createReplicaLag();
  const askPrimary = oneAtATime(() => primary.unsafe<[{ written: number }]>(PRIMARY_POSITION));
  const askReplica = oneAtATime(() => replica.unsafe<[ReplicaPosition]>(REPLICA_POSITION));
  let state: ReplicaState = { fault: "unreachable", lagMs: null, isPrimaryAway: false };
  const waiting = new Set<(error: Error) => void>();
  let isStopped = false;
  const stopping = new AbortController();

  function become(next: ReplicaState): void {
    state = next;
    if (next.fault === "unreachable") for (const reject of waiting) reject(new ReplicaLostError());
    onState(next);
  }

  async function poll(): Promise<void> {
    const atMs = performance.now();
    // The primary first: what it says then, an up-to-date replica has a moment later.
    const written = await askPrimary().then(
      ([row]) => row.written,
      () => null,
    );
    const isPrimaryAway = written === null;
    const position = await askReplica().then(
      ([row]) => row,
      () => undefined,
    );
    if (isStopped) return;
    if (!position) return become({ fault: "unreachable", lagMs: null, isPrimaryAway });
    if (!position.in_recovery) return become({ fault: "not_a_replica", lagMs: null, isPrimaryAway });
    const { replayed, age_ms } = position;
    const lag = lagOf({ atMs, writtenLsn: written, replayedLsn: replayed, lastCommitAgeMs: age_ms });
    const lagMs = Number.isFinite(lag) ? Math.round(lag) : null;
    become({ fault: lag > maxLagMs ? "lag" : null, lagMs, isPrimaryAway });
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      await sleep(POLL_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
      if (!isStopped) await poll();
    }
  }

  const first = poll();
  const running = first.then(run);
  return {
    get state() {
      return state;
    },
    lost: () => become({ ...state, fault: "unreachable", lagMs: null }),
    // Each with a promise of its own: one for all would remember every answer for as long as the replica is there.
    async orLost<T>(answer: PromiseLike<T>): Promise<T> {
      let giveUp = (_: Error) => {};
      const lost = new Promise<never>((_, reject) => (giveUp = reject));
      waiting.add(giveUp);
      try {
        return await Promise.race([answer, lost]);
      } finally {
        waiting.delete(giveUp);
      }
    },
    first,
    async stop() {
      isStopped = true;
      stopping.abort();
      await running;
    },
  };
}

type ReplicaPosition = { readonly in_recovery: boolean; readonly replayed: number; readonly age_ms: number | null };

export class ReplicaLostError extends Error {
  override readonly name = "ReplicaLostError";
}

/** Rejects after a second, and for as long as an earlier question is open: they would pile up before a server that hangs. */
function oneAtATime<T>(ask: () => PromiseLike<T>): () => Promise<T> {
  let isOpen = false;
  return async function answer() {
    if (isOpen) throw new Error("still waiting for the last answer");
    isOpen = true;
    const asked = Promise.resolve(ask()).finally(() => (isOpen = false));
    asked.catch(() => {});
    const expired = sleep(POLL_TIMEOUT_MS, undefined, { ref: false }).then(() => {
      throw new Error(`no answer within ${POLL_TIMEOUT_MS} ms`);
    });
    return await Promise.race([asked, expired]);
  };
}
