import { expect } from "vitest";
import { percentile } from "./percentile.ts";
import { createReadBack } from "./read-back.ts";

const WRITES = 50;
/** Of an idle system it is 300; a test may run on a busy machine. */
const P99_LIMIT_MS = 2_000;
/** Of a test that does it; on an idle system it takes about five seconds. */
export const FIFTY_TIMEOUT_MS = 120_000;

/** Writes one after the other and prints how long after its answer each could be read. `write` gives what `read` takes. */
export async function expectFiftyReadable<T>(
  name: string,
  write: (index: number) => Promise<T>,
  read: (written: T) => Promise<unknown>,
): Promise<void> {
  const { soon, samplesMs } = createReadBack();
  for (let index = 0; index < WRITES; index++) {
    const written = await write(index);
    await soon(() => read(written));
  }
  reportFifty(name, samplesMs);
}

/** The same of times that a client in another language measured. */
export function reportFifty(name: string, samplesMs: readonly number[]): void {
  expect(samplesMs).toHaveLength(WRITES);
  const [p50, p99] = [percentile(samplesMs, 0.5), percentile(samplesMs, 0.99)];
  console.log(`write → readable, ${name}: p50 ${Math.round(p50)} ms, p99 ${Math.round(p99)} ms of ${WRITES}`);
  expect(p99).toBeLessThan(P99_LIMIT_MS);
}
