/**
 * The wall clock in Unix epoch microseconds, and never the same time twice in one process: what is
 * read later is later. `Date.now()` has milliseconds, in which many requests fit.
 */
export function createClock(nowMs: () => number = Date.now): () => number {
  let lastUs = 0;
  return () => {
    lastUs = Math.max(lastUs + 1, nowMs() * 1_000);
    return lastUs;
  };
}
