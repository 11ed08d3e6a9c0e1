import type { Database } from "@xtrace/db";
import type { Identity } from "@xtrace/runtime";

/** What every read route is built from. */
export type QueryDeps = {
  readonly db: Database;
  /** The current time in Unix epoch microseconds. */
  readonly nowUs: () => number;
};

/** `identity` is set by the authentication before any route runs; its project is the only one that a route may read. */
export type QueryEnv = { Variables: { identity: Identity; requestId: string } };
