import { OpenAPIHono } from "@hono/zod-openapi";
import { detailsOf, InvalidRequest } from "@xtrace/runtime";
import type { QueryEnv } from "./routes/route.ts";

/** A router whose routes refuse bad parameters with BAD_REQUEST, naming each one and quoting none. A slash at the end changes nothing. */
export function createRouter(): OpenAPIHono<QueryEnv> {
  return new OpenAPIHono<QueryEnv>({
    strict: false,
    defaultHook(result) {
      if (result.success) return;
      throw new InvalidRequest(detailsOf(result.error), { cause: result.error });
    },
  });
}
