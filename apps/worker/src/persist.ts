import { setTimeout as sleep } from "node:timers/promises";
import { classifyWriteError, type DataFailure, type QueuedJob, type Salvaged, type WriteResult } from "@xtrace/db";
import type { Logger } from "@xtrace/runtime";

export type PersistDeps = {
  readonly write: (items: readonly QueuedJob[]) => Promise<WriteResult>;
  /** Stores a refused job but for the events that are refused alone. */
  readonly salvage: (item: QueuedJob) => Promise<Salvaged>;
  readonly log: Logger;
  readonly observe: {
    written(result: WriteResult): void;
    salvaged(result: Salvaged): void;
    retried(code: string): void;
    bisected(): void;
  };
};

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Stores a batch. Resolves when every event of it is in PostgreSQL: in its row, or as a dead letter.
 *
 * A failure of the moment is tried again for as long as it takes, with growing pauses, until `stopping`
 * is aborted; then it rejects and the queue delivers the batch anew. A failure for data is narrowed down
 * by halves until the refused job stands alone, of which is stored what can be.
 */
export function createPersist(
  deps: PersistDeps,
): (items: readonly QueuedJob[], stopping: AbortSignal) => Promise<void> {
  async function persist(items: readonly QueuedJob[], stopping: AbortSignal): Promise<void> {
    const failure = await attempt(() => deps.write(items).then(deps.observe.written), stopping);
    if (!failure) return;
    deps.observe.bisected();
    const [only, ...others] = items;
    if (only && others.length === 0) return await salvage(only, stopping);
    const middle = Math.floor(items.length / 2);
    for (const half of [items.slice(0, middle), items.slice(middle)]) await persist(half, stopping);
  }

  async function salvage(item: QueuedJob, stopping: AbortSignal): Promise<void> {
    const refused = await attempt(async () => {
      const salvaged = await deps.salvage(item);
      deps.observe.salvaged(salvaged);
      for (const { id, sqlstate } of salvaged.letters) {
        deps.log.error({ deadLetterId: id, sqlstate }, "event became a dead letter");
      }
    }, stopping);
    if (refused) throw new Error("A dead letter could not be stored", { cause: new Error(refused.message) });
  }

  /** Runs until it works, or fails for its data: then that failure is returned. */
  async function attempt(run: () => Promise<void>, stopping: AbortSignal): Promise<DataFailure | undefined> {
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = Math.min(pauseMs * 2, LAST_RETRY_MS)) {
      try {
        await run();
        return undefined;
      } catch (error) {
        const failure = classifyWriteError(error);
        if (failure.kind === "data") return failure;
        deps.observe.retried(failure.code);
        deps.log.warn({ code: failure.code, pauseMs }, "batch will be tried again");
        if (stopping.aborted) throw error;
        // Jitter, so that workers which failed together do not come back together.
        await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal: stopping }).catch(() => {
          throw error;
        });
      }
    }
  }

  return persist;
}
