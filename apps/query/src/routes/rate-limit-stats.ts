import { createRoute, z } from "@hono/zod-openapi";
import { requireScope } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import type { RateLimitStats } from "../rate-limit-stats.ts";

/** Requests per second in the long run and at once, per key. */
export type RateLimitSettings = { readonly qps: number; readonly burst: number };

const MAX_TOKENS = 20;

const Stats = z
  .object({
    rate_limit_qps: z.number(),
    rate_limit_burst: z.number(),
    total_allowed: z.int(),
    total_rejected: z.int(),
    rejection_rate: z.number().describe("Rejected requests out of all, 0 to 1."),
    top_rejected_tokens: z.array(
      z.object({ token: z.string().describe("Names a key, never a secret."), count: z.int() }),
    ),
  })
  .openapi("RateLimitStats");

const route = createRoute({
  method: "get",
  path: "/api/internal/rate_limit_stats",
  tags: ["Operations"],
  summary: "How often the rate limit struck",
  description:
    "Counts over the keys of the caller's own project since this process started. Needs the scope `admin`; not limited itself.",
  responses: { 200: json("The counts.", Stats), ...errorResponses(401, 403) },
});

/** Source: the Rust system, where it was open to everybody and told of all tokens. */
export function rateLimitStatsRoutes(deps: { readonly stats: RateLimitStats; readonly rateLimit: RateLimitSettings }) {
  return createRouter().openapi(route, (c) => {
    requireScope(c.get("identity"), "admin");
    const { allowed, rejected, rejectedByKey } = deps.stats.ofProject(c.get("identity").projectId);
    return c.json(
      {
        rate_limit_qps: deps.rateLimit.qps,
        rate_limit_burst: deps.rateLimit.burst,
        total_allowed: allowed,
        total_rejected: rejected,
        rejection_rate: rejected === 0 ? 0 : rejected / (allowed + rejected),
        top_rejected_tokens: rejectedByKey.slice(0, MAX_TOKENS).map(({ keyId, count }) => ({ token: keyId, count })),
      },
      200,
    );
  });
}
