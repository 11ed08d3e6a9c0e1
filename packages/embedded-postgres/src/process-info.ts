import { readFile } from "node:fs/promises";
import { run } from "./run.ts";

/** Which of all processes that had or will have this id: it changes when the id is given out again. */
export type ProcessIdentity = { readonly pid: number; readonly started: string };

/** `undefined` if there is none, or only its exit status waits to be read. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
    // The second field is the name in parentheses and may hold anything. Source: proc(5).
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, started] = [fields?.[0], fields?.[19]];
    return state === undefined || state === "Z" || started === undefined ? undefined : { pid, started };
  }
  const { output } = await run("ps", ["-o", "lstart=", "-p", String(pid)]);
  return output.trim() === "" ? undefined : { pid, started: output.trim().replaceAll(/\s+/g, "_") };
}

/** The command line of a process, its arguments separated by blanks; empty if it is gone or a zombie. */
export async function commandLine(pid: number): Promise<string> {
  if (process.platform === "linux") {
    const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return args.replaceAll("\0", " ").trim();
  }
  return (await run("ps", ["-ww", "-o", "command=", "-p", String(pid)])).output.trim();
}
