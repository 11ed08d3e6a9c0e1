import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { DAY_US, DailyMetricsList, pageMeta, type DailyMetrics } from "@xtrace/contract";
import { listDailyUsage, type DailyUsage, type DayRange } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { wireTime } from "../present/wire-time.ts";
import { listParam, pageParam, textParam, timeParam } from "./query-params.ts";
import { refuseLargePage, sharedLimitParam } from "./refuse-large-page.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const DEFAULT_DAYS = 30;

const Query = z.object({
  page: pageParam(),
  limit: sharedLimitParam(),
  traceName: textParam("Only traces with this name."),
  userId: textParam("Only traces of this user."),
  tags: listParam("Only traces that have all of these tags. Repeat the parameter for several."),
  "tags[]": listParam("As `tags`."),
  environment: listParam("Only traces in any of these environments. Repeat the parameter for several."),
  "environment[]": listParam("As `environment`."),
  version: textParam("Only traces of this version."),
  release: textParam("Only traces of this release."),
  fromTimestamp: timeParam(`From the UTC day of this time; ${DEFAULT_DAYS} days before \`toTimestamp\` when left out.`),
  toTimestamp: timeParam("To the UTC day of this time, which as midnight ends the day before; now when left out."),
});

const route = createRoute({
  method: "get",
  path: "/metrics/daily",
  tags: ["metrics"],
  summary: "Traces, usage and cost by day",
  request: { query: Query },
  description:
    "UTC days, newest first. A day that the range touches counts whole; a day without traces and observations is left out.",
  responses: { 200: json("One page of days.", DailyMetricsList), ...errorResponses(400, 401, 403) },
});

export function metricsDailyRoutes({ db, nowUs }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const query = c.req.valid("query");
    refuseLargePage(c);
    const { page, limit } = query;
    const toUs = query.toTimestamp ?? nowUs();
    const fromUs = query.fromTimestamp ?? toUs - DEFAULT_DAYS * DAY_US;
    const { days, totalDays } = await listDailyUsage(db, {
      projectId: c.get("identity").projectId,
      ...daysOf(fromUs, toUs),
      traces: {
        name: query.traceName,
        userId: query.userId,
        tags: [...query.tags, ...query["tags[]"]],
        environments: [...query.environment, ...query["environment[]"]],
        version: query.version,
        release: query.release,
      },
      limit,
      offset: (page - 1) * limit,
    });
    return c.json({ data: days.map(present), meta: pageMeta({ page, limit, totalItems: totalDays }) }, 200);
  });
}

/**
 * The days that `[fromUs, toUs)` touches: the rollups know no hours, and a whole January asked for as
 * 1 January to 1 February must not include 1 February. A range that ends before it starts touches none.
 */
function daysOf(fromUs: number, toUs: number): DayRange {
  if (toUs < fromUs) return { fromDay: utcDay(fromUs), toDay: utcDay(fromUs - DAY_US) };
  return { fromDay: utcDay(fromUs), toDay: utcDay(Math.max(toUs - 1, fromUs)) };
}

function utcDay(timeUs: number): string {
  return wireTime(timeUs).slice(0, 10);
}

function present({ day, traceCount, observationCount, totalCost, models }: DailyUsage): DailyMetrics {
  return {
    date: day,
    countTraces: traceCount,
    countObservations: observationCount,
    totalCost,
    usage: models.map((used) => ({
      model: used.model === "" ? null : used.model,
      inputUsage: used.promptTokens,
      outputUsage: used.completionTokens,
      totalUsage: used.totalTokens,
      countTraces: used.traceCount,
      countObservations: used.observationCount,
      totalCost: used.totalCost,
    })),
  };
}
