import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { HOUR_US, METRIC_AGGREGATIONS, METRIC_STEPS, MetricSeriesList } from "@xtrace/contract";
import { queryMetricSeries, type MetricGrouping, type MetricSeriesResult } from "@xtrace/db";
import { InvalidRequest } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { wireTime } from "../present/wire-time.ts";
import { choiceParam } from "./choice-params.ts";
import { labelsParam } from "./labels-param.ts";
import { listParam, timeParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** Source: the Rust system's limits. */
const MAX_SERIES = 50;
const MAX_POINTS = 1_000;

const Query = z.object({
  name: z.string({ error: "required" }).min(1, { error: "required" }).openapi({ description: "The metric." }),
  from: timeParam("Points at or after this time; an hour before `to` when left out."),
  to: timeParam("Points at or before this time; now when left out."),
  labels: labelsParam('Points that carry all of these labels, as a JSON object: `{"model":"gpt-4o"}`.'),
  environment: listParam("Points of any of these environments."),
  step: choiceParam(METRIC_STEPS, "Width of a bucket, aligned to the Unix epoch; 1m when left out."),
  agg: choiceParam(METRIC_AGGREGATIONS, "How a bucket's points become one value; avg when left out."),
  group_by: z
    .string()
    .optional()
    .openapi({
      description:
        "One series for each value of this label; points without it make the series of ''. " +
        "Left out, one series for each set of labels. Empty, one series of all points.",
    }),
});

const route = createRoute({
  method: "get",
  path: "/metrics/query",
  tags: ["metrics"],
  summary: "A metric's series in buckets",
  request: { query: Query },
  description: `At most ${MAX_SERIES} series of ${MAX_POINTS} points, the oldest; \`meta.truncated\` tells when there is more.`,
  responses: { 200: json("The series, by their labels.", MetricSeriesList), ...errorResponses(400, 401, 403) },
});

export function metricsQueryRoutes({ db, nowUs }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const query = c.req.valid("query");
    const toUs = query.to ?? nowUs();
    const fromUs = query.from ?? toUs - HOUR_US;
    if (fromUs > toUs) {
      throw new InvalidRequest([{ path: "from", message: "expected not after to" }]);
    }
    const series = queryMetricSeries(db, {
      projectId: c.get("identity").projectId,
      name: query.name,
      fromUs,
      toUs,
      labels: query.labels,
      environments: query.environment.length === 0 ? undefined : query.environment,
      step: query.step ?? "1m",
      aggregation: query.agg ?? "avg",
      groupBy: groupingOf(query.group_by),
      maxSeries: MAX_SERIES,
      maxPoints: MAX_POINTS,
    });
    return c.json(present(await series.catch(refuseOverflow)), 200);
  });
}

/** SQLSTATE: a sum of finite points is beyond what a double can hold. */
const OUT_OF_RANGE = "22003";

function refuseOverflow(error: unknown): never {
  if (!(error instanceof Error && isObject(error.cause) && error.cause["code"] === OUT_OF_RANGE)) throw error;
  throw new InvalidRequest([{ path: "agg", message: "the points are too large to be added up" }], { cause: error });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function groupingOf(key: string | undefined): MetricGrouping {
  if (key === undefined) return { by: "labels" };
  return key === "" ? { by: "none" } : { by: "key", key };
}

function present({ series, latestUs, truncated }: MetricSeriesResult): MetricSeriesList {
  return {
    data: series.map(({ labels, points }) => ({
      labels,
      values: points.map(({ startUs, value }) => ({ timestamp: wireTime(startUs), value })),
    })),
    meta: {
      ...(latestUs === undefined ? {} : { latest_ts: wireTime(latestUs) }),
      series_count: series.length,
      truncated,
    },
  };
}
