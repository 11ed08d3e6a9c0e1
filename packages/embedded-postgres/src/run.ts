import { spawn } from "node:child_process";
import type { ServerUser } from "./server-user.ts";

export type RunResult = {
  /** `null` if it did not start or a signal ended it. */
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly output: string;
  /** Why it did not start. */
  readonly error?: NodeJS.ErrnoException | undefined;
};

/**
 * Nothing of ours but the path: `PG…` variables would change what the binaries do, the caller's
 * secrets are none of the server's business, and messages must be in English to be recognized.
 */
export function binaryEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" };
}

/** Runs a program to its end, as `user` if given. Never rejects. */
export function run(
  file: string,
  args: readonly string[],
  options: { readonly user?: ServerUser | undefined } = {},
): Promise<RunResult> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(file, args, {
      // The folder that we are in may be closed to the user.
      cwd: "/",
      env: binaryEnv(),
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.once("error", (error) => resolve({ code: null, output, error }));
    child.once("close", (code) => resolve({ code, output }));
  });
}
