import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { MetricNames } from "@xtrace/contract";
import { listMetricNames } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** A project with more names than this misuses names as labels; the answer stays bounded all the same. */
const MAX_NAMES = 10_000;

const route = createRoute({
  method: "get",
  path: "/metrics/names",
  tags: ["metrics"],
  summary: "The names of the project's metrics",
  responses: { 200: json("Names in order.", MetricNames), ...errorResponses(401, 403) },
});

export function metricsNamesRoutes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const { projectId } = c.get("identity");
    return c.json({ data: await listMetricNames(db, { projectId, limit: MAX_NAMES }) }, 200);
  });
}
