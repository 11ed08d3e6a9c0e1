import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { AnalyticsRows, type AnalyticsQuery } from "@xtrace/contract";
import { cardinalityProblem, runAnalyticsQuery } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { analyticsQueryParam } from "./analytics-query-param.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** Of v1, where Langfuse has no limit. */
const MAX_ROWS = 10_000;
/** Source: Langfuse. */
const DEFAULT_ROWS_V2 = 100;

const v1Route = createRoute({
  method: "get",
  path: "/metrics",
  tags: ["metrics"],
  summary: "Metrics over traces, observations and scores",
  description: `At most ${MAX_ROWS} rows unless config.row_limit says fewer. Latencies are milliseconds, costs US dollars.`,
  request: { query: z.object({ query: analyticsQueryParam(() => []) }) },
  responses: { 200: json("One row a group.", AnalyticsRows), ...errorResponses(400, 401, 403) },
});

const v2Route = createRoute({
  method: "get",
  path: "/v2/metrics",
  tags: ["metrics"],
  summary: "Metrics over observations and scores",
  description: `${DEFAULT_ROWS_V2} rows unless config.row_limit says otherwise. What has nearly as many values as rows cannot be grouped by, but for the largest few.`,
  request: { query: z.object({ query: analyticsQueryParam(problemsOfV2) }) },
  responses: { 200: json("One row a group.", AnalyticsRows), ...errorResponses(400, 401, 403) },
});

/** Source: Langfuse's metrics endpoints. One that takes too long answers 503 and says so. */
export function analyticsRoutes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(v1Route, async (c) => {
      const options = { projectId: c.get("identity").projectId, rowLimit: MAX_ROWS };
      return c.json({ data: await runAnalyticsQuery(db, c.req.valid("query").query, options) }, 200);
    })
    .openapi(v2Route, async (c) => {
      const options = { projectId: c.get("identity").projectId, rowLimit: DEFAULT_ROWS_V2 };
      return c.json({ data: await runAnalyticsQuery(db, c.req.valid("query").query, options) }, 200);
    });
}

function problemsOfV2(query: AnalyticsQuery) {
  if (query.view === "traces") return [{ path: ["view"], message: "not of v2: ask for observations" }];
  const problem = cardinalityProblem(query);
  return problem ? [problem] : [];
}
