export type Bench = {
  readonly help: string;
  /** Reads what follows the name of the benchmark, and starts nothing yet. Throws an Error that names a wrong option. */
  readonly prepare: (args: readonly string[]) => () => Promise<void>;
};
