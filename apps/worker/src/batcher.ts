/**
 * Collects items and hands them on in batches: as soon as `maxItems` or `maxWeight` are together,
 * or the oldest has waited `maxWaitMs`, whichever comes first. Earlier while no batch is under way, since nothing
 * is gained by waiting then: what comes during a flush is the next batch, so that batches grow with the load by themselves.
 *
 * Delivery: an item's promise settles with its batch, so whoever acknowledges items does so after
 * the batch is stored. A crash in between delivers the batch again: `flush` must be idempotent.
 */
export type Batcher<T> = {
  /** Resolves when the batch that carried the item was flushed, rejects when that failed. */
  add(item: T): Promise<void>;
  /** Flushes what waits, and waits for every flush under way. */
  close(): Promise<void>;
};

/** What comes together, such as what waited in the queue, comes within this. */
const IDLE_WAIT_MS = 5;

export type BatcherOptions<T> = {
  readonly maxItems: number;
  readonly maxWaitMs: number;
  readonly maxWeight: number;
  readonly weigh: (item: T) => number;
  readonly flush: (items: readonly T[]) => Promise<void>;
  /** While a flush would only wait: until when. A batch that is not full then waits too, and grows. */
  readonly held?: () => Promise<void> | undefined;
};

type Entry<T> = { readonly item: T; readonly resolve: () => void; readonly reject: (reason: unknown) => void };

export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { maxItems, maxWaitMs, maxWeight, weigh, flush, held } = options;
  let entries: Array<Entry<T>> = [];
  let weight = 0;
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();

  async function run(batch: ReadonlyArray<Entry<T>>): Promise<void> {
    try {
      await flush(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  function flushNow(): void {
    clearTimeout(timer);
    timer = undefined;
    if (entries.length === 0) return;
    const flushing = run(entries);
    entries = [];
    weight = 0;
    underWay.add(flushing);
    void flushing.finally(() => {
      underWay.delete(flushing);
      if (isIdle() && entries.length > 0) flushUnlessHeld();
    });
  }

  function isIdle(): boolean {
    return underWay.size === 0;
  }

  function flushUnlessHeld(): void {
    const release = held?.();
    if (!release) return flushNow();
    const waiting = entries;
    // Another batch by then, if this one became full.
    const flushSame = () => void (entries === waiting && flushNow());
    void release.then(flushSame, flushSame);
  }

  return {
    async add(item) {
      const itemWeight = weigh(item);
      // An item that would overload the batch goes into the next one; alone it may be as heavy as it is.
      if (entries.length > 0 && weight + itemWeight > maxWeight) flushNow();
      await new Promise<void>((resolve, reject) => {
        entries.push({ item, resolve, reject });
        weight += itemWeight;
        if (entries.length >= maxItems || weight >= maxWeight) flushNow();
        else timer ??= setTimeout(flushUnlessHeld, isIdle() ? Math.min(IDLE_WAIT_MS, maxWaitMs) : maxWaitMs);
      });
    },
    async close() {
      flushNow();
      await Promise.all(underWay);
    },
  };
}
