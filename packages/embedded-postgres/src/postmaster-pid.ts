import { readFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * What the server's lock file says. Source: PostgreSQL's `src/include/utils/pidfile.h`: the first
 * line is the process id, the eighth the status, padded with blanks.
 */
export async function readPostmasterPid(
  clusterDir: string,
): Promise<{ readonly pid: number; readonly ready: boolean } | undefined> {
  const text = await readFile(join(clusterDir, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === "ready" } : undefined;
}
