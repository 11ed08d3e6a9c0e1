import { parentPort, workerData } from "node:worker_threads";
import { openDatabase } from "@xtrace/db";
import { createLogger, createMetrics, messageOf } from "@xtrace/runtime";
import { startWorker } from "@xtrace/worker";
import type { Answered, Asked, Question, WorkerSettings } from "./thread-messages.ts";

// The thread of the worker: consumes from its start on, and answers what the main thread asks. Nothing is caught that is not
// expected: what ends this thread ends the process.

const settings = workerData as WorkerSettings;
const metrics = createMetrics({ process: settings.process, isThread: true });
const database = openDatabase(settings.database);
const { queue, batch, limits, keyRefreshMs } = settings;
const worker = startWorker({
  database,
  queue,
  batch,
  limits,
  keyRefreshMs,
  log: createLogger(settings.log),
  metrics,
});

const answers: Readonly<Record<Question, () => Promise<string | void>>> = {
  ...worker.checks,
  liveness: worker.liveness,
  metrics: () => metrics.registry.metrics(),
  started: async () => {},
  async stop() {
    await worker.stop();
    await database.close();
  },
};

async function answer({ id, question }: Asked): Promise<Answered> {
  try {
    return { id, text: (await answers[question]()) ?? "" };
  } catch (error) {
    return { id, text: "", failure: messageOf(error) };
  }
}

parentPort?.on("message", (asked: Asked) => {
  void answer(asked).then((answered) => parentPort?.postMessage(answered));
});
