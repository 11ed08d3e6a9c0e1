import { INGEST_QUEUE } from "@xtrace/contract";
import { QueueEvents } from "bullmq";

export type StalledJobs = AsyncDisposable & {
  /** How often a job was taken from a worker that had gone without handing it back. */
  count(): number;
};

/** Listens to the queue from now on. */
export async function watchStalledJobs(queue: { readonly url: string; readonly prefix: string }): Promise<StalledJobs> {
  const events = new QueueEvents(INGEST_QUEUE, { connection: { url: queue.url }, prefix: queue.prefix });
  let stalled = 0;
  events.on("stalled", () => (stalled += 1));
  await events.waitUntilReady();
  return { count: () => stalled, [Symbol.asyncDispose]: () => events.close() };
}
