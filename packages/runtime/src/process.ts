import { setTimeout as sleep } from "node:timers/promises";
import { boundHeap } from "./bound-heap.ts";
import { ConfigError } from "./env.ts";
import type { Logger } from "./logger.ts";

const HARD_EXIT_MS = 25_000;
/** A start that is under way when the signal comes may finish, so that what it started is stopped in order. */
const START_GRACE_MS = 3_000;

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
async function untilSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    let isAsked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (isAsked) process.exit(1);
      isAsked = true;
      resolve(signal);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

/** A started process: what runs until a signal, and how it stops, which the signal may have a say in. */
export type Service = { stop(signal: NodeJS.Signals): Promise<void> };

/**
 * The life of a process: start, wait for a signal, stop in order, exit 0. A bad setting exits 2 with
 * one line for each problem; any other failure exits 1 with its stack.
 *
 * Signals are heard from the first moment: a container's first process has no default for them, and a
 * start may wait for a database for as long as that takes.
 */
export async function runProcess(start: () => Promise<Service>, log: () => Logger | undefined): Promise<never> {
  boundHeap();
  try {
    const signalled = untilSignal();
    const service = await Promise.race([start(), signalled.then(() => sleep(START_GRACE_MS))]);
    const signal = await signalled;
    log()?.info({ signal }, "stopping");
    setTimeout(() => {
      log()?.error({ afterMs: HARD_EXIT_MS }, "stop took too long");
      process.exit(1);
    }, HARD_EXIT_MS).unref();
    await service?.stop(signal);
    log()?.info("stopped");
    process.exit(0);
  } catch (err) {
    if (err instanceof ConfigError) {
      process.stderr.write(`${err.message}\n`);
      process.exit(2);
    }
    const logger = log();
    if (logger) logger.fatal({ err }, "failed");
    else process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
    process.exit(1);
  }
}
