import { WRITE_METHODS, type RateLimiter } from "@xtrace/contract";
import {
  authenticate,
  errorHandler,
  healthRoutes,
  rateLimit,
  toAppError,
  unservedHandler,
  type BodyLimits,
  type ChargeBytes,
  type Check,
  type KeyRing,
  type Metrics,
  type Readiness,
} from "@xtrace/runtime";
import { Hono, type Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Admission } from "./admission.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { INGEST_PATHS } from "./ingest-paths.ts";
import { openAccess } from "./open-access.ts";
import { BROWSER_PATHS, browserCors } from "./protocols/langfuse/browser-cors.ts";
import { legacyRoutes, type LegacyDeps } from "./protocols/langfuse/legacy-route.ts";
import { langfuseRoutes } from "./protocols/langfuse/route.ts";
import { otlpErrorResponse, otlpRoutes } from "./protocols/otlp/route.ts";
import { OTLP_PATHS } from "./protocols/otlp/otlp-paths.ts";
import type { GatewayEnv } from "./protocols/protocol.ts";
import { refuseWhenFull } from "./refuse-when-full.ts";
import { xtraceRoutes } from "./protocols/xtrace/route.ts";
import { requestId, secureHeaders } from "./standard-headers.ts";

export type GatewayAppDeps = LegacyDeps & {
  readonly admission: Pick<Admission, "closed">;
  readonly keyRing: KeyRing;
  readonly openProjectId: string | null;
  /** `null`: no limit. */
  readonly limiter: RateLimiter | null;
  readonly checks: Readonly<Record<string, Check>>;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly gatewayMetrics: GatewayMetrics;
};

/** The gateway as an app without a port. A new protocol is a folder in protocols/, a line here and its paths in ingest-paths.ts. */
export function createGatewayApp(deps: GatewayAppDeps): Hono<GatewayEnv> {
  const { admission, keyRing, openProjectId, limiter, limits, checks, readiness, metrics, gatewayMetrics, log } = deps;
  const open = openAccess(openProjectId);
  const app = new Hono<GatewayEnv>({ strict: false });
  app.use(requestId());
  app.use(secureHeaders());
  app.route("/", healthRoutes({ checks, details: () => ({ admission: stateOf(admission) }), readiness, metrics }));

  // Before authentication: a browser asks without a key whether it may send one.
  for (const path of BROWSER_PATHS) app.use(path, browserCors());
  for (const path of INGEST_PATHS) {
    app.use(path, measure(path, gatewayMetrics));
    app.use(path, authenticate(keyRing, open));
    app.use(path, admit(admission, gatewayMetrics));
    if (limiter) app.use(path, rateLimit({ limiter, scope: "ingest", metrics, weigh: chargeBody(limits) }));
  }
  for (const routes of [xtraceRoutes, langfuseRoutes, legacyRoutes, otlpRoutes]) app.route("/", routes(deps));

  const jsonError = errorHandler(log);
  app.onError((error, c) => {
    if (!OTLP_PATHS.includes(c.req.path)) return jsonError(error, c);
    return otlpErrorResponse(c, toAppError(error, log, { method: c.req.method, path: c.req.path }));
  });
  app.notFound(unservedHandler((path) => WRITE_METHODS.get(path) ?? []));
  return app;
}

/** A body that could not be read through counts as announced, unless it was refused for just that. */
function chargeBody({ maxBodyBytes }: BodyLimits) {
  return function charge(c: Context<GatewayEnv>, charge: ChargeBytes): void {
    const announced = Number(c.req.header("content-length") ?? 0);
    charge(c.get("bodyBytes") ?? (announced <= maxBodyBytes ? announced : 0));
  };
}

/**
 * A full queue makes no gateway unready: all of them see the same queue, and a load balancer without a server
 * would answer in a form that no client knows, with no Retry-After.
 */
function stateOf(admission: Pick<Admission, "closed">): string {
  const closed = admission.closed();
  return closed ? `closed: ${closed.reason}` : "open";
}

/** Before the body is read: what will be refused should cost nothing, and should not be charged to its key. */
function admit(admission: Pick<Admission, "closed">, metrics: GatewayMetrics) {
  return createMiddleware(async function admitted(_, next) {
    refuseWhenFull(admission, metrics);
    await next();
  });
}

function measure(route: string, metrics: GatewayMetrics) {
  return createMiddleware(async function measured(c, next) {
    const startedAt = performance.now();
    await next();
    metrics.request(route, c.res.status, (performance.now() - startedAt) / 1_000);
  });
}
