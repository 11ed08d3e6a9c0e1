import { AppError } from "@xtrace/runtime";

/** Takes the items of one request, the good ones, and remembers what was wrong with the others. */
export type Intake<T> = {
  add(item: T): void;
  reject(path: string, problem: string): void;
  /** Something was left out, but no item. */
  warn(path: string, problem: string): void;
  result(): Taken<T>;
};

export type Taken<T> = {
  readonly items: readonly T[];
  readonly rejected: number;
  /** The first thing that was wrong, by the path of its field; never a value. */
  readonly reason: string | undefined;
};

/**
 * An item may take five bytes and becomes a kilobyte of memory, so the bound on the body alone
 * would let one request hold gigabytes. The OpenTelemetry Collector sends 8,192 by default.
 */
export const MAX_ITEMS_PER_REQUEST = 50_000;

/** `items` is what they are called in the message that refuses too many. */
export function createIntake<T>(items: string): Intake<T> {
  const taken: T[] = [];
  let rejected = 0;
  let reason: string | undefined;

  function warn(path: string, problem: string): void {
    reason ??= `${path}: ${problem}`;
  }

  return {
    add(item) {
      if (taken.push(item) > MAX_ITEMS_PER_REQUEST) {
        throw new AppError("PAYLOAD_TOO_LARGE", `More than ${MAX_ITEMS_PER_REQUEST} ${items} in one request`);
      }
    },
    reject(path, problem) {
      rejected += 1;
      warn(path, problem);
    },
    warn,
    result: () => ({ items: taken, rejected, reason }),
  };
}
