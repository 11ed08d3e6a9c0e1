import { Histogram, type Metrics } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Times requests by route and status. A route is a pattern, so nobody can make new labels by asking for new paths. */
export function requestMetrics(metrics: Metrics) {
  const duration = new Histogram({
    name: "xtrace_query_request_duration_seconds",
    help: "Time to answer a read request",
    labelNames: ["route", "status"],
    buckets: BUCKETS_SECONDS,
    registers: [metrics.registry],
  });
  return createMiddleware(async function requestMetrics(c, next) {
    const end = duration.startTimer();
    await next();
    end({ route: routePath(c, -1), status: c.res.status });
  });
}
