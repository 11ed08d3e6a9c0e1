import type { Queue } from "bullmq";
import type { Backend } from "./backend.ts";
import { QueueUnavailableError } from "./queue-options.ts";

export type LazyQueue = {
  /** The queue, ready for commands; rejects while its server is away. */
  get(): Promise<Queue>;
  close(): Promise<void>;
};

/**
 * Opens the queue when it is first needed and its server is there.
 *
 * BullMQ remembers a first connection that failed for as long as the queue object lives, so a
 * process that starts before its server would never recover with one that was opened at once.
 */
export function createLazyQueue(
  backend: Backend,
  open: (backend: Backend) => Queue,
  onError: (error: Error) => void,
): LazyQueue {
  let opening: Promise<Queue> | undefined;

  async function openReady(): Promise<Queue> {
    const queue = open(backend);
    queue.on("error", onError);
    try {
      await queue.waitUntilReady();
      await backend.prepare(queue);
      return queue;
    } catch (error) {
      opening = undefined;
      await queue.close().catch(onError);
      throw error;
    }
  }

  return {
    async get() {
      await backend.isKnown;
      if (!backend.isReachable()) throw new QueueUnavailableError("The queue's server is not connected");
      opening ??= openReady();
      return await opening;
    },
    async close() {
      const queue = await opening?.catch(() => undefined);
      // Closing a queue whose server is gone rejects; there is nothing left to lose by then.
      await queue?.close().catch(onError);
      backend.release();
    },
  };
}
