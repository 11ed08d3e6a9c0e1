import { setTimeout as sleep } from "node:timers/promises";
import {
  classifyWriteError,
  type DataFailure,
  type PassingFailure,
  type QueuedJob,
  type Salvaged,
  type Stored,
} from "@xtrace/db";
import { createBackOff } from "@xtrace/queue";
import type { Logger } from "@xtrace/runtime";

export type PersistDeps = {
  readonly write: (items: readonly QueuedJob[]) => Promise<Stored>;
  /** Stores a refused job but for the events that are refused alone. */
  readonly salvage: (item: QueuedJob) => Promise<Salvaged>;
  readonly stopping: AbortSignal;
  readonly log: Logger;
  readonly observe: {
    written(result: Stored): void;
    salvaged(result: Salvaged): void;
    retried(code: string): void;
    bisected(): void;
  };
};

export type Persist = {
  /**
   * Stores a batch. Resolves when every event of it is in PostgreSQL: in its row, or as a dead letter.
   *
   * A failure of the moment is tried again for as long as it takes, until `stopping` is aborted; then it rejects
   * and the queue delivers the batch anew. A failure for data is narrowed down by halves until the refused job
   * stands alone, of which is stored what can be.
   */
  store(items: readonly QueuedJob[]): Promise<void>;
  /** While no write succeeds: settles when one has again. */
  outage(): Promise<void> | undefined;
};

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** The return of a server is noticed within this, and asking is one statement. */
const OUTAGE_PAUSE_MS = 1_000;

/**
 * During an outage one batch asks and all others wait for it: they go together when it got through, rather than
 * each at the end of a pause of its own. A conflict is the affair of its batch alone.
 */
export function createPersist(deps: PersistDeps): Persist {
  const { stopping } = deps;
  const server = createBackOff({
    isRefusal: (error) => classifyWriteError(error).kind === "outage",
    onRefusal: (error) => noteRetry(classifyWriteError(error) as PassingFailure),
    lastPauseMs: OUTAGE_PAUSE_MS,
  });
  if (stopping.aborted) server.stop();
  stopping.addEventListener("abort", () => server.stop(), { once: true });

  function noteRetry({ code }: PassingFailure): void {
    deps.observe.retried(code);
    deps.log.warn({ code }, "batch will be tried again");
  }

  async function store(items: readonly QueuedJob[]): Promise<void> {
    const failure = await attempt(async () => {
      const stored = await deps.write(items);
      deps.observe.written(stored);
      const [first] = stored.letters;
      // One line a batch: whoever writes scores decides how many do not fit.
      if (first)
        deps.log.warn({ deadLetterId: first.id, count: stored.letters.length }, "scores do not fit their config");
    });
    if (!failure) return;
    deps.observe.bisected();
    const [only, ...others] = items;
    if (only && others.length === 0) return await salvage(only);
    const middle = Math.floor(items.length / 2);
    for (const half of [items.slice(0, middle), items.slice(middle)]) await store(half);
  }

  async function salvage(item: QueuedJob): Promise<void> {
    const refused = await attempt(async () => {
      const salvaged = await deps.salvage(item);
      deps.observe.salvaged(salvaged);
      for (const { id, sqlstate } of salvaged.letters) {
        deps.log.error({ deadLetterId: id, sqlstate }, "event became a dead letter");
      }
    });
    if (refused) throw new Error("A dead letter could not be stored", { cause: new Error(refused.message) });
  }

  /** Runs until it works, or fails for its data: then that failure is returned. */
  async function attempt(run: () => Promise<void>): Promise<DataFailure | undefined> {
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_RETRY_MS)) {
      try {
        await server.run(run);
        return undefined;
      } catch (error) {
        const failure = classifyWriteError(error);
        if (failure.kind === "data") return failure;
        if (stopping.aborted) throw error;
        noteRetry(failure);
        // Jitter, so that workers which failed together do not come back together.
        await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal: stopping }).catch(() => {
          throw error;
        });
      }
    }
  }

  return { store, outage: () => server.refusing() };
}
