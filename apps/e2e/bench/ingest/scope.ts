import { createCleanup } from "../../src/cleanup.ts";

/** What a bench has started, ended in reverse order, whether it comes to its end or is interrupted. */
export type Scope = {
  /** Takes it over before it has started, so that an interrupt meanwhile leaves nothing behind. */
  own<T extends AsyncDisposable>(starting: T | Promise<T>): Promise<T>;
  /** Resolves when all is ended, to whoever asks. */
  end(): Promise<void>;
};

export function createScope(): Scope {
  const cleanup = createCleanup();
  let ending: Promise<void> | undefined;
  return {
    async own(starting) {
      const started = Promise.resolve(starting);
      cleanup.defer(async () => {
        const resource = await started.catch(() => undefined);
        await resource?.[Symbol.asyncDispose]();
      });
      const resource = await started;
      if (ending) throw new Error("interrupted");
      return resource;
    },
    end() {
      ending ??= cleanup.run();
      return ending;
    },
  };
}
