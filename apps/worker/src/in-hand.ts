/**
 * What a worker has taken from the queue and not stored yet, by size: jobs differ by three orders of magnitude, so that a
 * number of them bounds no memory.
 */
export type Hand = {
  /** Counts `bytes` as held while `run` runs. */
  holding(bytes: number, run: () => Promise<void>): Promise<void>;
};

/** `onFull` is told when `maxBytes` are reached, and when there is room again. */
export function createHand(options: { readonly maxBytes: number; readonly onFull: (isFull: boolean) => void }): Hand {
  let held = 0;

  function isFull(): boolean {
    return held > 0 && held >= options.maxBytes;
  }

  function change(bytes: number): void {
    const wasFull = isFull();
    held += bytes;
    if (isFull() !== wasFull) options.onFull(!wasFull);
  }

  return {
    async holding(bytes, run) {
      change(bytes);
      try {
        await run();
      } finally {
        change(-bytes);
      }
    },
  };
}
