import { isIngestRequest } from "@xtrace/gateway";
import { healthRoutes, type Check, type Metrics, type Readiness } from "@xtrace/runtime";
import { Hono } from "hono";

type App = Pick<Hono, "fetch">;

/** Gateway and query on one port. Health and metrics speak for the whole process. */
export function createStandaloneApp(deps: {
  readonly gateway: App;
  readonly query: App;
  readonly checks: Readonly<Record<string, Check>>;
  readonly liveness: Check;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly threadMetrics: () => Promise<string>;
}): Hono {
  const { gateway, query, ...health } = deps;
  return new Hono({ strict: false }).route("/", healthRoutes(health)).all("*", (c) => {
    const app = isIngestRequest(c.req.method, c.req.path) ? gateway : query;
    return app.fetch(c.req.raw, c.env);
  });
}
