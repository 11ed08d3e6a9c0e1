import { InvalidRequest } from "@xtrace/runtime";
import type { Context } from "hono";
import { limitParam } from "./query-params.ts";

const MAX_LIMIT = 200;
const MAX_LIMIT_OF_LANGFUSE = 100;

/** The limit of a list that refuses large pages. */
export function sharedLimitParam() {
  return limitParam({ default: 50, max: MAX_LIMIT }).openapi({
    description: `Items per page; values over ${MAX_LIMIT} count as ${MAX_LIMIT}. With a key pair (Basic) at most ${MAX_LIMIT_OF_LANGFUSE}.`,
  });
}

/**
 * Of lists that both systems have. Langfuse refuses pages over 100, and its clients know to read smaller ones; the Rust
 * system lowers them to 200. Only the latter's clients come with a bearer token.
 */
export function refuseLargePage(c: Context): void {
  const isOfLangfuse = c.req.header("authorization")?.toLowerCase().startsWith("basic ") === true;
  if (!isOfLangfuse || !(Number(c.req.query("limit")) > MAX_LIMIT_OF_LANGFUSE)) return;
  throw new InvalidRequest([{ path: "limit", message: `expected at most ${MAX_LIMIT_OF_LANGFUSE}` }]);
}
