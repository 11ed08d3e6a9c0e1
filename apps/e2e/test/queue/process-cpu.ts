import { readFileSync } from "node:fs";

/** Kernel ticks a second; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process so far. Source: proc_pid_stat(5), fields 14 and 15. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the name in parentheses, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
