import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { withTimeout, type Check } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { json } from "../openapi.ts";
import type { QueryEnv } from "./route.ts";

const PING_TIMEOUT_MS = 2_000;

const Health = z.object({ status: z.string(), version: z.string() });

const answers = {
  200: json("Works.", Health),
  503: json("Does not; `status` says why.", Health),
} as const;

const healthRoute = createRoute({
  method: "get",
  path: "/api/public/health",
  tags: ["Operations"],
  summary: "Whether the API is up",
  security: [],
  request: {
    query: z.object({
      failIfDatabaseUnavailable: z.string().optional().openapi({ description: "`true`: 503 without a database." }),
    }),
  },
  responses: answers,
});

const readyRoute = createRoute({
  method: "get",
  path: "/api/public/ready",
  tags: ["Operations"],
  summary: "Whether the API can answer now",
  security: [],
  responses: answers,
});

/**
 * Langfuse's probes, which need no key. `/health` says that the process is up, and asks the database
 * only when told to: a restart mends no database. `/ready` always asks it.
 */
export function publicHealthRoutes(deps: { readonly ping: Check; readonly version: string }): OpenAPIHono<QueryEnv> {
  const { ping, version } = deps;

  async function probe(): Promise<{ status: string; httpStatus: 200 | 503 }> {
    try {
      await withTimeout(ping(), PING_TIMEOUT_MS);
      return { status: "OK", httpStatus: 200 };
    } catch {
      return { status: "Database not available", httpStatus: 503 };
    }
  }

  return createRouter()
    .openapi(healthRoute, async (c) => {
      if (c.req.valid("query").failIfDatabaseUnavailable !== "true") return c.json({ status: "OK", version }, 200);
      const { status, httpStatus } = await probe();
      return c.json({ status, version }, httpStatus);
    })
    .openapi(readyRoute, async (c) => {
      const { status, httpStatus } = await probe();
      return c.json({ status, version }, httpStatus);
    });
}
