import { setTimeout as sleep } from "node:timers/promises";
import type { QueueReader } from "@xtrace/queue";
import { logRepeatedErrors, type Logger } from "@xtrace/runtime";
import type { Admission } from "./admission.ts";
import type { QueueMetrics } from "./queue-metrics.ts";

/** Reading takes at most this share of the time, however long one takes on a large queue in PostgreSQL. */
const MAX_SHARE = 0.1;
/** How many times longer the pauses are while the queue is empty and nothing is added. */
const IDLE_FACTOR = 4;

/** Reads the queue over and over, for admission and for metrics, and logs when admission closes and opens. */
export function watchQueue(deps: {
  readonly reader: QueueReader;
  readonly admission: Admission;
  readonly metrics: QueueMetrics;
  readonly log: Logger;
}): { stop(): Promise<void> } {
  const { reader, admission, metrics, log } = deps;
  const stopping = new AbortController();
  const onError = logRepeatedErrors(log, "queue cannot be read");
  let wasOpen = true;

  /** Returns whether the next reading is likely to be the same. */
  async function turn(): Promise<boolean> {
    const take = admission.reading();
    const reading = await reader.read();
    take(reading);
    metrics.read(reading);
    const closed = admission.closed();
    if (closed && wasOpen) log.warn({ reason: closed.reason, ...reading }, "queue is full: requests are answered 503");
    if (!closed && !wasOpen) log.info(reading, "queue has room again");
    wasOpen = !closed;
    return reading.bytes === 0 && !admission.hasAdded();
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      const isIdle = await turn().catch((error: unknown) => {
        onError(error);
        return false;
      });
      const leastPauseMs = reader.pauseMs * (isIdle ? IDLE_FACTOR : 1);
      const pauseMs = Math.max(leastPauseMs, (performance.now() - startedAt) * (1 / MAX_SHARE - 1));
      await sleep(pauseMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {});
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
