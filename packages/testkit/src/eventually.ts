import { setTimeout as sleep } from "node:timers/promises";

/**
 * Repeats an assertion until it holds, and returns what it returned. After `timeoutMs` it fails with
 * the last failure, so that the report shows what was missing rather than that time ran out.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly intervalMs?: number } = {},
): Promise<T> {
  const { timeoutMs = 10_000, intervalMs = 25 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await sleep(intervalMs);
  }
}
