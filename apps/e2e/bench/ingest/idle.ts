import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuBetween, readCpuSeconds } from "./measure/cpu.ts";
import { readShares } from "./measure/memory.ts";
import type { BenchSystem, ProcessName } from "./system/bench-system.ts";

export type IdleResult = {
  readonly watchedSeconds: number;
  readonly memoryBytes: Partial<Record<ProcessName, number>>;
  /** Of one core. */
  readonly cpuPercent: Partial<Record<ProcessName, number>>;
  /** Of all cores together, and of all processes. */
  readonly machineCpuPercent: number;
};

type Duration = { readonly settleMs: number; readonly watchMs: number };

/**
 * V8 collects once what the start left behind, up to 40 s after it. The watch is as long as PostgreSQL's `autovacuum_naptime`, so that it
 * holds one round of it: whether a shorter one meets it is chance.
 */
const USUAL: Duration = { settleMs: 60_000, watchMs: 60_000 };
const QUICK: Duration = { settleMs: 1_000, watchMs: 3_000 };

/** Question: what does the system hold and use while nobody asks anything of it? */
export async function measureIdle({ pids }: BenchSystem, isQuick: boolean): Promise<IdleResult> {
  const { settleMs, watchMs } = isQuick ? QUICK : USUAL;
  await sleep(settleMs);
  const before = await readCpuSeconds(pids);
  await sleep(watchMs);
  const used = cpuBetween(before, await readCpuSeconds(pids));
  const percents = Object.entries(used).map(([name, seconds]) => [name, (seconds * 100_000) / watchMs] as const);
  return {
    watchedSeconds: watchMs / 1_000,
    memoryBytes: await readShares(pids),
    cpuPercent: Object.fromEntries(percents) as IdleResult["cpuPercent"],
    machineCpuPercent: percents.reduce((sum, [, percent]) => sum + percent, 0) / availableParallelism(),
  };
}
