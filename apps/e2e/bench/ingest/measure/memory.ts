import { readFile, writeFile } from "node:fs/promises";
import { readTree } from "./proc.ts";

const KIB = 1024;

/** From now on the kernel looks for a new peak. Source: proc_pid_clear_refs(5). */
export async function resetPeaks(pids: readonly number[]): Promise<void> {
  // Another user's processes keep their old one.
  await Promise.all(pids.map((pid) => writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => {})));
}

/** The most bytes that each process has held since `resetPeaks`; of PostgreSQL what all of it holds now. */
export async function readPeaks<Name extends string>(
  pids: Partial<Record<Name, number>>,
): Promise<Partial<Record<Name, number>>> {
  return await readEach(pids, (name, pid) => (name === "postgres" ? readTreeBytes(pid) : readPeak(pid)));
}

/**
 * What each part holds now, with all its children. Pages that several map count once in the sum: of three Node.js processes
 * each shows the program as its own in RSS.
 */
export async function readShares<Name extends string>(
  pids: Partial<Record<Name, number>>,
): Promise<Partial<Record<Name, number>>> {
  return await readEach(pids, (_, pid) => readTreeBytes(pid));
}

async function readEach<Name extends string>(
  pids: Partial<Record<Name, number>>,
  read: (name: string, pid: number) => Promise<number | undefined>,
): Promise<Partial<Record<Name, number>>> {
  const entries = Object.entries<number | undefined>(pids).map(async ([name, pid = 0]) => {
    const bytes = await read(name, pid);
    return bytes === undefined ? [] : [[name, bytes] as const];
  });
  return Object.fromEntries((await Promise.all(entries)).flat()) as Partial<Record<Name, number>>;
}

async function readPeak(pid: number): Promise<number> {
  return kib(await readFile(`/proc/${pid}/status`, "utf8"), "VmHWM");
}

/**
 * Bytes of a process and all below it, shared pages counted once: PostgreSQL's children all map the
 * same buffers. `undefined` where another user's memory may not be read.
 */
async function readTreeBytes(rootPid: number): Promise<number | undefined> {
  const tree = await readTree(rootPid);
  const texts = await Promise.all(
    tree.map(({ pid }) => readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => undefined)),
  );
  const readable = texts.filter((text) => text !== undefined);
  return readable.length === 0 ? undefined : readable.reduce((sum, text) => sum + kib(text, "Pss"), 0);
}

function kib(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * KIB;
}
