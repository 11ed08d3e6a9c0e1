import { spawn } from "node:child_process";

/** A failure that needs no stack: its message is for the user. */
export class StepError extends Error {}

/**
 * Runs a command quietly: one line with the seconds it took, and all that it printed if it failed.
 *
 * @param {string} label
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 */
export async function step(label, command, args, options) {
  const begin = performance.now();
  process.stdout.write(`xtrace: ${label} … `);
  const { code, output, error, interrupted } = await run(command, args, options);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  if (code === 0) return void process.stdout.write(`${seconds} s\n`);
  process.stdout.write(`${interrupted ? "interrupted" : "failed"} after ${seconds} s\n`);
  if (interrupted) throw new StepError("xtrace: stopped before it started");
  throw new StepError(
    `${output}\nxtrace: ${error?.message ?? `\`${command} ${args.join(" ")}\` failed with exit code ${code}`}`,
  );
}

/**
 * A signal to us ends the command too, so that nothing goes on writing behind the back of a second start.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ code: number | null, output: string, error?: Error, interrupted: boolean }>}
 */
export function run(command, args, options) {
  return new Promise((resolve) => {
    let output = "";
    let interrupted = false;
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      interrupted = true;
      child.kill(signal);
    };
    /** @param {{ code: number | null, error?: Error }} result */
    const settle = (result) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      resolve({ ...result, output, interrupted });
    };
    for (const signal of SIGNALS) process.on(signal, forward);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", (error) => settle({ code: null, error }));
    child.once("close", (code) => settle({ code }));
  });
}

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
