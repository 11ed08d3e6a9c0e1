import { loadPriceBook, type Database, type LoadedPriceBook, type PriceBook } from "@xtrace/db";
import { logRepeatedErrors, type Logger } from "@xtrace/runtime";

/** A book of this age is looked after while others are written at its prices. */
const LOOK_AFTER_MS = 1_000;
/** How soon a model that somebody makes counts for what is written: an older book, as after a quiet time, is looked after first. */
const TRUSTED_FOR_MS = 2 * LOOK_AFTER_MS;

export type Prices = {
  /**
   * The book as it was two seconds ago at most, or the last one while models cannot be read. Rejects when there is none: nothing is
   * written at prices that are not known.
   */
  current(): PriceBook | Promise<PriceBook>;
};

/** Holds the models of all projects in memory, so that pricing an observation asks nobody. While nothing is priced nobody is asked either. */
export function keepPrices({ db, log }: { readonly db: Database; readonly log: Logger }): Prices {
  const onError = logRepeatedErrors(log, "models cannot be read");
  let loaded: LoadedPriceBook | undefined;
  let looking: Promise<PriceBook> | undefined;
  let lookedAtMs = -Infinity;
  let hasFailed = false;

  async function look(): Promise<PriceBook> {
    const startedAtMs = performance.now();
    try {
      loaded = await loadPriceBook(db, {
        current: loaded,
        onProblem: ({ modelId, problem }) => log.warn({ modelId, problem }, "model is left out"),
      });
      lookedAtMs = startedAtMs;
      hasFailed = false;
    } catch (error) {
      lookedAtMs = performance.now();
      hasFailed = true;
      onError(error);
      if (!loaded) throw error;
    } finally {
      looking = undefined;
    }
    return loaded.book;
  }

  function lookOnce(): Promise<PriceBook> {
    if (looking) return looking;
    looking = look();
    // Of one that nobody waits for.
    looking.catch(() => {});
    return looking;
  }

  // So that the first batch need not wait.
  void lookOnce();

  return {
    current() {
      const ageMs = performance.now() - lookedAtMs;
      if (loaded && ageMs < LOOK_AFTER_MS) return loaded.book;
      const latest = lookOnce();
      // In an outage a write has to fail by itself, and not twice as slowly.
      const isGoodEnough = ageMs < TRUSTED_FOR_MS || hasFailed;
      return loaded && isGoodEnough ? loaded.book : latest;
    },
  };
}
