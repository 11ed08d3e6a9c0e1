/**
 * As `running`, but rejects at the abort: a write that a dead server never answers is given up. It may be
 * stored all the same, and once more when the queue delivers it again.
 */
export async function unlessAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error("The process stopped before the batch was stored"));
    // Taken off again, or a worker would remember every batch of its life.
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    running.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
