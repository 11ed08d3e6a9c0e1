import { setTimeout as sleep } from "node:timers/promises";

/** SDKs' own test suites write, sleep for one second, and read once. */
export const VISIBLE_WITHIN_MS = 1_000;

const POLL_MS = 10;
/** Well beyond what is promised, so that a slow system is told from one that lost the write. */
const GIVE_UP_MS = 15_000;

export type ReadBack = {
  /**
   * Call it when a write was answered: reads until the read works and `accept` holds, and notes how long
   * that took.
   */
  soon<T>(read: () => Promise<T>, accept?: (value: T) => boolean): Promise<T>;
  /** How long each value took to be seen, in milliseconds. */
  readonly samplesMs: readonly number[];
};

export function createReadBack(): ReadBack {
  const samplesMs: number[] = [];
  return {
    samplesMs,
    async soon(read, accept = () => true) {
      const startedAt = performance.now();
      for (;;) {
        const outcome = await attempt(read);
        const elapsedMs = performance.now() - startedAt;
        if ("value" in outcome && accept(outcome.value)) {
          samplesMs.push(elapsedMs);
          return outcome.value;
        }
        if (elapsedMs > GIVE_UP_MS) throw new Error(`Not readable within ${GIVE_UP_MS} ms: ${describe(outcome)}`);
        await sleep(POLL_MS);
      }
    },
  };
}

/** `undefined` when nothing was measured. */
export function summarize(
  samplesMs: readonly number[],
): { readonly p50Ms: number; readonly maxMs: number; readonly count: number } | undefined {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const [p50, max] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  if (p50 === undefined || max === undefined) return undefined;
  return { p50Ms: Math.round(p50), maxMs: Math.round(max), count: sorted.length };
}

async function attempt<T>(read: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await read() };
  } catch (error) {
    return { error };
  }
}

function describe(outcome: { value: unknown } | { error: unknown }): string {
  if ("error" in outcome) return outcome.error instanceof Error ? outcome.error.message : JSON.stringify(outcome.error);
  return JSON.stringify(outcome.value).slice(0, 2_000);
}
