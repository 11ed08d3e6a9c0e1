import { Worker } from "node:worker_threads";
import { withTimeout } from "@xtrace/runtime";
import type { WorkerService } from "@xtrace/worker";
import type { Answered, Asked, Question, WorkerSettings } from "./thread-messages.ts";

/** A worker in a thread of its own. Checks and metrics reject after a while where the thread is too busy to answer. */
export type WorkerThread = WorkerService & {
  /** Resolves when the worker consumes; rejects when the thread ended before. */
  readonly started: Promise<void>;
  /** Resolves, with the reason, when the thread ends unasked. What it had in hand the queue delivers again. */
  readonly failed: Promise<Error>;
  /** What the worker counts, as Prometheus text. */
  metrics(): Promise<string>;
};

type Waiting = { resolve(text: string): void; reject(reason: Error): void };

/** The worker's own reading of the ledger may take two seconds. */
const ANSWER_TIMEOUT_MS = 3_000;

/** Beside this file, in the sources as in the build. */
const ENTRY = new URL(`./worker-thread-main${import.meta.url.slice(-3)}`, import.meta.url);

/** Starts the thread with the options of this Node, so that it loads TypeScript where this process does. */
export function startWorkerThread(settings: WorkerSettings): WorkerThread {
  const thread = new Worker(ENTRY, { workerData: settings });
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let ended: Error | undefined;
  let isStopped = false;

  const failed = new Promise<Error>((resolve) => {
    thread.once("error", (error) => {
      ended = error;
    });
    thread.once("exit", (code) => {
      ended ??= new Error(`The thread of the worker ended with code ${code}`);
      for (const { reject } of waiting.values()) reject(ended);
      if (!isStopped) resolve(ended);
    });
  });
  thread.on("message", ({ id, text, failure }: Answered) => {
    const asked = waiting.get(id);
    if (failure === undefined) asked?.resolve(text);
    else asked?.reject(new Error(failure));
  });

  async function ask(question: Question, timeoutMs?: number): Promise<string> {
    if (ended) throw ended;
    lastId += 1;
    const id = lastId;
    const answer = new Promise<string>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      thread.postMessage({ id, question } satisfies Asked);
    });
    try {
      return await (timeoutMs === undefined ? answer : withTimeout(answer, timeoutMs));
    } finally {
      waiting.delete(id);
    }
  }
  const check = (question: Question) => async () => void (await ask(question, ANSWER_TIMEOUT_MS));

  return {
    started: ask("started").then(() => {}),
    failed,
    checks: { database: check("database"), queue: check("queue") },
    liveness: check("liveness"),
    metrics: () => ask("metrics", ANSWER_TIMEOUT_MS),
    async stop() {
      await ask("stop");
      isStopped = true;
      await thread.terminate();
    },
  };
}
