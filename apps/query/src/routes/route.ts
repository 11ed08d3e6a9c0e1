import type { Database } from "@xtrace/db";
import type { Identity } from "@xtrace/runtime";
import type { MediaLinks } from "../media/media-links.ts";

/** What every route is built from. */
export type QueryDeps = {
  /** Where traces and all that agents send are read; it may be a replica, some moments old. */
  readonly db: Database;
  /** Where what people and SDKs manage here (models, prompts, media, …) is written, and read back at once. */
  readonly primary: Database;
  /** The current time in Unix epoch microseconds. */
  readonly nowUs: () => number;
  readonly mediaLinks: MediaLinks;
};

/** `identity` is set by the authentication before any route runs; its project is the only one that a route may read. */
export type QueryEnv = { Variables: { identity: Identity; requestId: string } };
