import { loadPriceBook, type Database, type LoadedPriceBook, type PriceBook } from "@xtrace/db";
import { startRefresh, type Logger } from "@xtrace/runtime";

/** How soon a model that somebody makes counts for what is written. */
const REFRESH_MS = 1_000;

export type Prices = {
  /** The book of the last refresh. Loads the first one, and rejects when that fails: nothing is written at prices that are not known. */
  current(): PriceBook | Promise<PriceBook>;
  stop(): Promise<void>;
};

/** Holds the models of all projects in memory, so that pricing an observation asks nobody. */
export function keepPrices({ db, log }: { readonly db: Database; readonly log: Logger }): Prices {
  let loaded: LoadedPriceBook | undefined;
  let loading: Promise<LoadedPriceBook> | undefined;

  async function load(): Promise<LoadedPriceBook> {
    loading ??= loadPriceBook(db, {
      current: loaded,
      onProblem: ({ modelId, problem }) => log.warn({ modelId, problem }, "model is left out"),
    }).finally(() => {
      loading = undefined;
    });
    loaded = await loading;
    return loaded;
  }

  const refresh = startRefresh({
    name: "load models",
    intervalMs: REFRESH_MS,
    log,
    task: async () => {
      await load();
    },
  });

  return {
    current: () => loaded?.book ?? load().then(({ book }) => book),
    stop: () => refresh.stop(),
  };
}
