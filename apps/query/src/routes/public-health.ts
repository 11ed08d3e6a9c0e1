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
      failIfNoRecentEvents: z
        .string()
        .optional()
        .openapi({ description: "`true`: 503 unless a trace and an observation are of the last 3 minutes." }),
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
export function publicHealthRoutes(deps: {
  readonly ping: Check;
  /** What did not come in lately, in any project; `null` when all is well. */
  readonly findSilence: () => Promise<"traces" | "observations" | null>;
  readonly version: string;
}): OpenAPIHono<QueryEnv> {
  const { ping, findSilence, version } = deps;

  async function probe(check: () => Promise<string>): Promise<{ status: string; httpStatus: 200 | 503 }> {
    try {
      const status = await withTimeout(check(), PING_TIMEOUT_MS);
      return { status, httpStatus: status === "OK" ? 200 : 503 };
    } catch {
      return { status: "Database not available", httpStatus: 503 };
    }
  }

  async function reach(): Promise<string> {
    await ping();
    return "OK";
  }

  async function listen(): Promise<string> {
    const silent = await findSilence();
    return silent === null ? "OK" : `No ${silent} within the last 3 minutes`;
  }

  return createRouter()
    .openapi(healthRoute, async (c) => {
      const { failIfDatabaseUnavailable, failIfNoRecentEvents } = c.req.valid("query");
      const check = failIfNoRecentEvents === "true" ? listen : reach;
      if (failIfDatabaseUnavailable !== "true" && check === reach) return c.json({ status: "OK", version }, 200);
      const { status, httpStatus } = await probe(check);
      return c.json({ status, version }, httpStatus);
    })
    .openapi(readyRoute, async (c) => {
      const { status, httpStatus } = await probe(reach);
      return c.json({ status, version }, httpStatus);
    });
}
