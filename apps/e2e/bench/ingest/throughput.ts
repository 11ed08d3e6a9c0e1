import { setTimeout as sleep } from "node:timers/promises";
import type { LoadProcess } from "./load/load-process.ts";
import type { SaturateResult } from "./load/messages.ts";
import { cpuBetween, readCpuSeconds } from "./measure/cpu.ts";
import { readPeaks, resetPeaks } from "./measure/memory.ts";
import { readStorage, storageBetween, type Storage } from "./measure/storage.ts";
import { countStored, storedSoFar } from "./measure/stored-observations.ts";
import type { BenchSystem, ProcessName } from "./system/bench-system.ts";

/** One run of a workload that is prepared already. */
export type ThroughputRun = SaturateResult & {
  /** Counted row by row at the end. */
  readonly storedObservations: number;
  /** From the first request to the last committed row. */
  readonly seconds: number;
  readonly observationsPerSecond: number;
  readonly cpuSeconds: Partial<Record<ProcessName, number>>;
  readonly storage: Storage;
  /** The most bytes that each process held; of PostgreSQL what all of it held in the end. */
  readonly peakBytes: Partial<Record<ProcessName, number>>;
};

export type Pressure = { readonly connections: number; readonly maxBacklog: number };

const POLL_MS = 25;
/** While there is more to send: looking costs what shares the machine. */
const SENDING_POLL_MS = 100;
/** Without one more row for so long, something is broken. */
const STALL_MS = 60_000;

/**
 * Question: how many observations a second does the system take and store?
 *
 * Errors: throws when what is stored in the end is not what was acknowledged.
 */
export async function measureThroughput(
  system: BenchSystem,
  load: LoadProcess,
  pressure: Pressure,
): Promise<ThroughputRun> {
  const already = await countStored(system.sql);
  const rollupBefore = await storedSoFar(system.sql);
  const storageBefore = await readStorage(system.sql);
  await resetPeaks(Object.values(system.pids));
  const cpuBefore = await readCpuSeconds(system.pids);
  const sending: { result: SaturateResult | undefined } = { result: undefined };
  const sent = load.saturate({ target: system.target, ...pressure }).then((result) => (sending.result = result));
  const lastCommitAt = await Promise.race([
    untilStored(system, load, sending, rollupBefore),
    // Only a failure of the sender ends the race early.
    sent.then(() => new Promise<never>(() => {})),
  ]);
  const result = await sent;
  const cpuSeconds = cpuBetween(cpuBefore, await readCpuSeconds(system.pids));

  const stored = (await countStored(system.sql)) - already;
  requireAllStored({ acknowledged: result.acknowledgedObservations, stored });
  const storage = storageBetween(storageBefore, await readStorage(system.sql));
  const peakBytes = await readPeaks(system.pids);
  const seconds = (lastCommitAt - result.firstRequestAt) / 1_000;
  return {
    ...result,
    storedObservations: stored,
    seconds,
    observationsPerSecond: stored / seconds,
    cpuSeconds,
    storage,
    peakBytes,
  };
}

/** A rate of work that was not done is no rate. */
export function requireAllStored({ acknowledged, stored }: { acknowledged: number; stored: number }): void {
  if (stored !== acknowledged)
    throw new Error(`${acknowledged} observations were acknowledged and ${stored} are stored: the run does not count`);
}

/** Resolves to the moment at which the last row was seen, in milliseconds since 1970. */
async function untilStored(
  system: BenchSystem,
  load: LoadProcess,
  sending: { readonly result: SaturateResult | undefined },
  before: number,
): Promise<number> {
  let stored = 0;
  let changedAt = performance.now();
  for (;;) {
    const now = (await storedSoFar(system.sql)) - before;
    if (now !== stored) changedAt = performance.now();
    stored = now;
    load.tellStored(stored);
    if (sending.result && stored >= sending.result.acknowledgedObservations) {
      return performance.timeOrigin + performance.now();
    }
    if (performance.now() - changedAt > STALL_MS) {
      throw new Error(
        `nothing was stored for ${STALL_MS} ms, after ${stored} observations:\n${system.lastLines().join("\n")}`,
      );
    }
    await sleep(sending.result ? POLL_MS : SENDING_POLL_MS);
  }
}
