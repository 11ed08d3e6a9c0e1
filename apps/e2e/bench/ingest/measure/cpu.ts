import { readTree } from "./proc.ts";

/** Seconds of CPU that each part has used so far, its ended children included. */
export async function readCpuSeconds<Name extends string>(
  pids: Partial<Record<Name, number>>,
): Promise<Partial<Record<Name, number>>> {
  const entries = Object.entries<number | undefined>(pids).map(async ([name, pid]) => {
    const tree = pid === undefined ? [] : await readTree(pid);
    return [name, tree.reduce((sum, one) => sum + one.cpuSeconds + one.endedChildrenCpuSeconds, 0)] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Partial<Record<Name, number>>;
}

/** What was used between two readings. */
export function cpuBetween<Name extends string>(
  before: Partial<Record<Name, number>>,
  after: Partial<Record<Name, number>>,
): Partial<Record<Name, number>> {
  const entries = Object.entries<number | undefined>(after);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, (value ?? 0) - (before[name as Name] ?? 0)]),
  ) as Partial<Record<Name, number>>;
}
