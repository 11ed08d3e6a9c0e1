export type BackOff = {
  /**
   * Runs an operation until its server carries it out. While the server refuses, one operation asks again with
   * growing pauses and all others wait for it, so that a thousand jobs in hand do not ask a thousand times.
   * Rejects at once with what is no fault of the server, and with the latest refusal after `stop`.
   */
  run<T>(operation: () => Promise<T>): Promise<T>;
  /** While the server refuses: settles when it has taken an operation again, or after `stop`. */
  refusing(): Promise<void> | undefined;
  stop(): void;
};

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

export function createBackOff(options: {
  /** Whether it may work later, unchanged. */
  readonly isRefusal: (error: unknown) => boolean;
  readonly onRefusal: (error: unknown) => void;
  /** Between two attempts at most, but for the jitter; 5,000 if absent. */
  readonly lastPauseMs?: number;
}): BackOff {
  const { isRefusal, onRefusal, lastPauseMs = LAST_PAUSE_MS } = options;
  let isStopped = false;
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  /** Settles when the one that asks has got through, or has given up. */
  let asking: Promise<void> | undefined;

  async function askUntilTaken<T>(operation: () => Promise<T>, first: unknown): Promise<T> {
    let refusal = first;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
      // Jitter, so that consumers which were refused together do not come back together.
      await pause(pauseMs * (0.5 + Math.random()));
      if (isStopped) throw refusal;
      try {
        return await operation();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refusal = error;
        onRefusal(error);
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
    await Promise.race([over, stopped]);
    clearTimeout(timer);
  }

  return {
    async run(operation) {
      for (;;) {
        if (asking) await asking;
        try {
          return await operation();
        } catch (error) {
          if (!isRefusal(error)) throw error;
          onRefusal(error);
          if (isStopped) throw error;
          if (asking) continue;
          const outcome = askUntilTaken(operation, error);
          asking = outcome
            .then(
              () => {},
              () => {},
            )
            .finally(() => (asking = undefined));
          return await outcome;
        }
      }
    },
    refusing: () => asking,
    stop() {
      isStopped = true;
      stop();
    },
  };
}
