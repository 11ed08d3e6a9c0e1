import { spawn } from "node:child_process";
import { constants } from "node:os";

/** One Ctrl-C arrives up to twice: from the terminal, and forwarded by npm. A person takes longer for the second. */
const SAME_SIGNAL_MS = 1_000;
const FORCE_AFTER_MS = 5_000;
const PARENT_POLL_MS = 250;

/** As it was before anything could have happened to it. */
const parentPid = process.ppid;

/**
 * Runs a program in our place until it ends, and returns the exit code to end with.
 *
 * It gets one signal to finish by, however often that signal arrives here at once: it is in a
 * process group of its own, out of the terminal's reach. A second signal is passed on as well, and
 * if that does not end it, SIGKILL does. If we are killed, it gets SIGTERM.
 *
 * npm forwards signals to the shell that it runs a script in, which dies of them and says nothing
 * to us, so for a script the end of that shell is a SIGTERM.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>}
 */
export function runToEnd(command, args, options = {}) {
  const preload = new URL("end-with-parent.mjs", import.meta.url).href;
  const stdio = /** @type {const} */ (["inherit", "inherit", "inherit", "ipc"]);
  const child = spawn(command, [`--import=${preload}`, ...args], { ...options, stdio: [...stdio], detached: true });

  let lastMs = -Infinity;
  let count = 0;
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    if (performance.now() - lastMs < SAME_SIGNAL_MS) return;
    lastMs = performance.now();
    count++;
    // Few programs expect SIGHUP, which comes when the terminal is closed.
    child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
    if (count > 1) setTimeout(() => child.kill("SIGKILL"), FORCE_AFTER_MS).unref();
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, forward);
  const isScript = process.env["npm_lifecycle_event"] !== undefined;
  const parentPoll = setInterval(() => {
    if (!isScript || process.ppid === parentPid) return;
    clearInterval(parentPoll);
    forward("SIGTERM");
  }, PARENT_POLL_MS);

  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearInterval(parentPoll);
      for (const each of signals) process.off(each, forward);
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
