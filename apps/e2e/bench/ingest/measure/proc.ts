import { readdir, readFile } from "node:fs/promises";

export type ProcessReading = {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
  /** Seconds of CPU, its own. */
  readonly cpuSeconds: number;
  /** Seconds of CPU of children that have ended. */
  readonly endedChildrenCpuSeconds: number;
};

/** Linux counts CPU time for `/proc` in hundredths of a second, whatever the kernel's own clock is. */
const TICKS_PER_SECOND = 100;

/**
 * One process as `/proc/PID/stat` has it, `undefined` if there is none.
 *
 * Source: proc_pid_stat(5).
 */
export async function readProcess(pid: number): Promise<ProcessReading | undefined> {
  const line = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return line === undefined ? undefined : parseStat(line);
}

export function parseStat(line: string): ProcessReading {
  // The command is in parentheses and may hold some itself.
  const [open, close] = [line.indexOf("("), line.lastIndexOf(")")];
  const fields = line.slice(close + 2).split(" ");
  // The first field behind the command is number 3.
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number(line.slice(0, open)),
    parentPid: field(4),
    command: line.slice(open + 1, close),
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    endedChildrenCpuSeconds: (field(16) + field(17)) / TICKS_PER_SECOND,
  };
}

/** The process and all that descend from it. */
export async function readTree(rootPid: number): Promise<readonly ProcessReading[]> {
  const names = await readdir("/proc");
  const all = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name))));
  const byParent = new Map<number, ProcessReading[]>();
  for (const reading of all) {
    if (reading) byParent.set(reading.parentPid, [...(byParent.get(reading.parentPid) ?? []), reading]);
  }
  const root = all.find((reading) => reading?.pid === rootPid);
  const tree = root ? [root] : [];
  // Grows while it is walked.
  for (const reading of tree) tree.push(...(byParent.get(reading.pid) ?? []));
  return tree;
}
