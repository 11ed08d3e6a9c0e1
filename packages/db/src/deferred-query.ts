import type postgres from "postgres";

/** What a caller wants of a query: its rows as objects, or as arrays. */
export type Finish = (query: postgres.PendingQuery<postgres.Row[]>) => PromiseLike<unknown>;

/** A query as Drizzle handles it, which awaits it or asks at once for its `values()`, run by `run` when it is known which. */
export function deferredQuery(run: (finish: Finish) => Promise<unknown>): Promise<unknown> & { values(): unknown } {
  let asValues = false;
  const result = Promise.resolve().then(() => run((query) => (asValues ? query.values() : query)));
  return Object.assign(result, {
    values() {
      asValues = true;
      return result;
    },
  });
}
