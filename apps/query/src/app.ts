import type { OpenAPIHono } from "@hono/zod-openapi";
import type { RateLimiter, Scope } from "@xtrace/contract";
import { findSilence, type Database } from "@xtrace/db";
import {
  AppError,
  authenticate,
  errorHandler,
  healthRoutes,
  requireScope,
  unservedHandler,
  type Check,
  type KeyRing,
  type Logger,
  type Metrics,
  type Readiness,
} from "@xtrace/runtime";
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import { createRouter } from "./create-router.ts";
import { databaseFailure } from "./database-failure.ts";
import { describeWrites } from "./describe-writes.ts";
import { serveOpenApi } from "./openapi.ts";
import { createRateLimitStats } from "./rate-limit-stats.ts";
import { countRequests, limitReaders } from "./rate-limit.ts";
import { readJsonBodies } from "./read-json-bodies.ts";
import { refuseNul } from "./refuse-nul.ts";
import { requestMetrics } from "./request-metrics.ts";
import { deadLettersRoutes } from "./routes/dead-letters.ts";
import { publicHealthRoutes } from "./routes/public-health.ts";
import { rateLimitStatsRoutes, type RateLimitSettings } from "./routes/rate-limit-stats.ts";
import { createMediaLinks } from "./media/media-links.ts";
import { createMediaUrls } from "./media/media-urls.ts";
import { mediaRoutes, type MediaSettings } from "./routes/media.ts";
import { mediaTransferRoutes } from "./routes/media-transfer.ts";
import type { QueryEnv } from "./routes/route.ts";
import { ROUTES } from "./routes/routes.ts";
import { servedMethods } from "./served-methods.ts";

export type QueryAppDeps = {
  readonly db: Database;
  /** Where something is written, and what was just written is read: `db`, unless that is a replica. */
  readonly primary?: Database | undefined;
  /** Rejects when the database does not answer. */
  readonly ping: Check;
  readonly keyRing: KeyRing;
  /** The project that a caller without a key may see the name of; `null` refuses such callers. */
  readonly openProjectId: string | null;
  /** The current time in Unix epoch microseconds. */
  readonly nowUs: () => number;
  readonly media: MediaSettings;
  /** As the statistics tell it. */
  readonly rateLimit: RateLimitSettings;
  /** `null`: no limit, requests are only counted. */
  readonly limiter: RateLimiter | null;
  /** Runs around every read; `undefined` where there is nothing to tell. */
  readonly servedBy?: MiddlewareHandler | undefined;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Of this build, as the API description tells it. */
  readonly version: string;
};

/** What SDKs ask for at their start. */
const OPEN_PATHS = ["/api/public/projects"];

/** To read takes `read`, to create and change `ingest`, to destroy `admin`. */
const withScope = createMiddleware<QueryEnv>(async function withScope(c, next) {
  requireScope(c.get("identity"), SCOPE_OF[c.req.method] ?? "read");
  await next();
});

const SCOPE_OF: Readonly<Record<string, Scope>> = { POST: "ingest", PUT: "ingest", PATCH: "ingest", DELETE: "admin" };

/** The API beside ingestion: order of middleware and mounts, nothing else. */
export function createQueryApp(deps: QueryAppDeps): OpenAPIHono<QueryEnv> {
  const { keyRing, limiter, nowUs, log, readiness, metrics, ping, version } = deps;
  const stats = createRateLimitStats();
  const onError = errorHandler(log);
  const { openProjectId, primary = deps.db } = deps;
  const open =
    openProjectId === null ? null : { projectId: openProjectId, paths: OPEN_PATHS, scopes: ["read"] as const };
  const app = createRouter();

  app.onError((error, c) => {
    const failure = databaseFailure(error);
    if (failure instanceof AppError && failure !== error) log.warn({ err: failure.cause }, "database cannot serve");
    return onError(failure, c);
  });
  app.notFound(unservedHandler(servedMethods(app)));
  app.use(requestId());
  app.route("/", healthRoutes({ checks: { database: ping }, readiness, metrics }));
  app.use(secureHeaders());
  serveOpenApi(app, { version });
  app.route("/", publicHealthRoutes({ ping, findSilence: () => findSilence(deps.db, nowUs()), version }));

  const mediaUrls = createMediaUrls({ primary, nowUs });
  const mediaLinks = createMediaLinks({ primary, urls: mediaUrls, publicUrl: deps.media.publicUrl });
  app.use("/api/*", requestMetrics(metrics), refuseNul);
  app.route("/api/public", mediaTransferRoutes({ primary, urls: mediaUrls }));
  app.use("/api/*", authenticate(keyRing, open), readJsonBodies);
  app.route("/", rateLimitStatsRoutes({ stats, rateLimit: deps.rateLimit }));
  // Reads, and HEAD with them. Writes are not limited, here as at the gateway: whoever fills a dataset sends all its items at once.
  const limited = limiter ? limitReaders({ limiter, metrics, nowUs }) : undefined;
  if (limited) app.get("/api/dead-letters/*", limited);
  app.route("/api", deadLettersRoutes({ db: primary }));
  app.use("/api/*", withScope, countRequests(stats));
  if (limited) app.get("/api/*", limited);
  if (deps.servedBy) app.use("/api/*", deps.servedBy);
  app.route("/api/public", mediaRoutes({ primary, urls: mediaUrls, ...deps.media }));
  for (const routes of ROUTES) app.route("/api/public", routes({ db: deps.db, primary, nowUs, mediaLinks }));
  describeWrites(app.openAPIRegistry);
  return app;
}
