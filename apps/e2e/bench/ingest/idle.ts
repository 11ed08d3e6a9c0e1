import { setTimeout as sleep } from "node:timers/promises";
import { cpuBetween, readCpuSeconds } from "./measure/cpu.ts";
import { readShares } from "./measure/memory.ts";
import type { BenchSystem, ProcessName } from "./system/bench-system.ts";

export type IdleResult = {
  readonly memoryBytes: Partial<Record<ProcessName, number>>;
  /** Of one core. */
  readonly cpuPercent: Partial<Record<ProcessName, number>>;
};

const SETTLE_MS = 3_000;
const WATCH_MS = 10_000;

/** Question: what does the system hold and use while nobody asks anything of it? */
export async function measureIdle({ pids }: BenchSystem): Promise<IdleResult> {
  await sleep(SETTLE_MS);
  const before = await readCpuSeconds(pids);
  await sleep(WATCH_MS);
  const used = cpuBetween(before, await readCpuSeconds(pids));
  const percents = Object.entries(used).map(([name, seconds]) => [name, (seconds * 100_000) / WATCH_MS]);
  return {
    memoryBytes: await readShares(pids),
    cpuPercent: Object.fromEntries(percents) as IdleResult["cpuPercent"],
  };
}
