/** What is acknowledged and not stored, in observations. */
export type Backlog = {
  acknowledged(observations: number): void;
  /** How many are stored since `reset`. */
  stored(observations: number): void;
  /** Resolves once no more than `limit` are waiting. */
  belowLimit(limit: number): Promise<void>;
  readonly deepest: number;
  reset(): void;
};

export function createBacklog(): Backlog {
  let acknowledged = 0;
  let stored = 0;
  let deepest = 0;
  let waiting: Array<() => void> = [];
  return {
    acknowledged(observations) {
      acknowledged += observations;
      deepest = Math.max(deepest, acknowledged - stored);
    },
    stored(observations) {
      stored = observations;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    async belowLimit(limit) {
      while (acknowledged - stored > limit) await new Promise<void>((resolve) => void waiting.push(resolve));
    },
    get deepest() {
      return deepest;
    },
    reset() {
      acknowledged = 0;
      stored = 0;
      deepest = 0;
    },
  };
}
