// oxlint-disable-next-line no-restricted-imports -- it runs checks of this repository.
import { spawn } from "node:child_process";

export type Finished = { readonly code: number | null; readonly output: string };

/** Runs a command line in a shell to its end; never rejects. `output` has both streams. */
export function runShell(
  command: string,
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv | undefined },
): Promise<Finished> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn("sh", ["-c", command], { ...options, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", (error) => resolve({ code: null, output: error.message }));
    child.once("close", (code) => resolve({ code, output }));
  });
}
