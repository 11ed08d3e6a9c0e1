/** What has to be undone, in reverse order. Node 20 has no AsyncDisposableStack. */
export type Cleanup = {
  defer(undo: () => Promise<unknown>): void;
  /** Registers a resource and returns it. */
  use<T extends AsyncDisposable>(resource: T): T;
  /** Undoes everything, also after a failure, which it then throws. */
  run(): Promise<void>;
};

export function createCleanup(): Cleanup {
  const undos: Array<() => Promise<unknown>> = [];
  return {
    defer: (undo) => void undos.push(undo),
    use(resource) {
      undos.push(async () => resource[Symbol.asyncDispose]());
      return resource;
    },
    async run() {
      const failures: unknown[] = [];
      for (let undo = undos.pop(); undo; undo = undos.pop())
        await undo().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw new AggregateError(failures, "cleaning up failed");
    },
  };
}

/** Runs `build`; when it fails, what it has registered so far is undone. */
export async function buildOrCleanUp<T>(build: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleanup = createCleanup();
  try {
    return await build(cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}
