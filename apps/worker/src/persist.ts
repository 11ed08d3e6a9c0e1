import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { IngestJob } from "@xtrace/contract";
import { classifyWriteError, type DeadLetter, type WriteFailure, type WriteResult } from "@xtrace/db";
import type { Logger } from "@xtrace/runtime";
import { splitJob } from "./split-job.ts";

/** A job of the queue, parsed. */
export type Item = { readonly id: string; readonly job: IngestJob };

export type PersistDeps = {
  readonly write: (jobs: readonly IngestJob[]) => Promise<WriteResult>;
  readonly bury: (letter: DeadLetter) => Promise<void>;
  readonly log: Logger;
  readonly observe: {
    written(result: WriteResult): void;
    retried(code: string): void;
    bisected(): void;
    buried(): void;
  };
};

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * Stores a batch. Resolves when every event of it is in PostgreSQL: in its row, or as a dead letter.
 *
 * A failure of the moment is tried again for as long as it takes, with growing pauses, until `stopping`
 * is aborted; then it rejects and the queue delivers the batch anew. A failure for data is narrowed down
 * by halves until the one event stands alone, which is buried with the reason; its neighbours are stored.
 * Writing a part twice is harmless, so no half has to know what the other did.
 */
export function createPersist(deps: PersistDeps): (items: readonly Item[], stopping: AbortSignal) => Promise<void> {
  async function persist(items: readonly Item[], stopping: AbortSignal): Promise<void> {
    const failure = await attempt(() => deps.write(items.map(({ job }) => job)).then(deps.observe.written), stopping);
    if (!failure) return;
    const halves = splitItems(items);
    if (!halves) return await bury(items[0] as Item, failure, stopping);
    deps.observe.bisected();
    for (const half of halves) await persist(half, stopping);
  }

  async function bury({ id, job }: Item, failure: DataFailure, stopping: AbortSignal): Promise<void> {
    const { projectId, receivedAtUs } = job;
    const reason = { sqlstate: failure.sqlstate, error: failure.message };
    const letter = { id: letterId(id, job), projectId, receivedAtUs, payload: job, ...reason };
    const refused = await attempt(() => deps.bury(letter), stopping);
    if (refused) throw new Error("A dead letter could not be stored", { cause: new Error(refused.message) });
    deps.observe.buried();
    deps.log.error({ deadLetterId: letter.id, sqlstate: failure.sqlstate }, "event became a dead letter");
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

type DataFailure = Extract<WriteFailure, { kind: "data" }>;

function splitItems(items: readonly Item[]): [Item[], Item[]] | undefined {
  const [only, ...others] = items;
  if (only && others.length === 0) {
    const jobs = splitJob(only.job);
    return jobs && [[{ id: only.id, job: jobs[0] }], [{ id: only.id, job: jobs[1] }]];
  }
  const middle = Math.floor(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

/** The same event of the same job is the same dead letter, however often it is delivered. */
function letterId(jobId: string, job: IngestJob): string {
  const digest = createHash("sha256").update(JSON.stringify(job.events)).digest("hex");
  return `${jobId}-${digest.slice(0, 16)}`;
}
