import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "./logger.ts";

/** A turn that waits for a server which does not answer must not hold up the end of the process. */
const STOP_PATIENCE_MS = 2_000;

/**
 * Runs `task` now and then every `intervalMs`, never twice at once. A failure is logged and the
 * next turn tries again; the first failure does not stop a process from starting.
 *
 * `stop` waits for a turn under way, for two seconds.
 */
export function startRefresh(options: {
  readonly name: string;
  readonly intervalMs: number;
  readonly task: () => Promise<void>;
  readonly log: Logger;
}): { readonly first: Promise<void>; stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();

  async function turn(): Promise<void> {
    try {
      await options.task();
    } catch (err) {
      options.log.warn({ err, task: options.name }, "refresh failed");
    }
    if (!stopped) {
      timer = setTimeout(() => {
        running = turn();
      }, options.intervalMs);
      timer.unref();
    }
  }

  running = turn();
  const first = running;
  return {
    first,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.race([running, sleep(STOP_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}
