import type { QueueReader } from "@xtrace/queue";
import { logRepeatedErrors, type Logger } from "@xtrace/runtime";
import type { Admission } from "./admission.ts";
import type { QueueMetrics } from "./queue-metrics.ts";

/** Reading takes at most this share of the time, however long one takes on a large queue in PostgreSQL. */
const MAX_SHARE = 0.1;
/** While the queue is empty and nothing is added. Admission still believes a reading of that age. */
const IDLE_PAUSE_MS = 4_000;

export type QueueWatch = {
  /** Tells that admission was told of more: after an idle pause the queue is read at once, for others may have filled it meanwhile. */
  added(): void;
  stop(): Promise<void>;
};

/** Reads the queue over and over, for admission and for metrics, and logs when admission closes and opens. */
export function watchQueue(deps: {
  readonly reader: QueueReader;
  readonly admission: Admission;
  readonly metrics: QueueMetrics;
  readonly log: Logger;
}): QueueWatch {
  const { reader, admission, metrics, log } = deps;
  const onError = logRepeatedErrors(log, "queue cannot be read");
  const pause = createPause();
  let wasOpen = true;
  let isIdle = false;

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
    return !closed && reading.bytes === 0;
  }

  async function run(): Promise<void> {
    while (!pause.isClosed()) {
      const startedAt = performance.now();
      const isEmpty = await turn().catch((error: unknown) => {
        onError(error);
        return false;
      });
      const pauseMs = Math.max(reader.pauseMs, (performance.now() - startedAt) * (1 / MAX_SHARE - 1));
      await pause.of(pauseMs);
      isIdle = isEmpty && !admission.hasAdded();
      if (isIdle) await pause.of(IDLE_PAUSE_MS - pauseMs);
      isIdle = false;
    }
  }

  const running = run();
  return {
    added() {
      if (isIdle) pause.end();
    },
    async stop() {
      pause.close();
      await running;
    },
  };
}

/** One pause at a time, which may be ended before its time; none once it is closed. It keeps no process running. */
function createPause() {
  let isClosed = false;
  let end = () => {};
  return {
    of: async (ms: number) => {
      if (isClosed) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        timer.unref();
        end = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    end: () => end(),
    close() {
      isClosed = true;
      end();
    },
    isClosed: () => isClosed,
  };
}
