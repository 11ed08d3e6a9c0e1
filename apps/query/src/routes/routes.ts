import type { OpenAPIHono } from "@hono/zod-openapi";
import { analyticsRoutes } from "./analytics.ts";
import { commentsRoutes } from "./comments.ts";
import { metricsDailyRoutes } from "./metrics-daily.ts";
import { metricsNamesRoutes } from "./metrics-names.ts";
import { metricsQueryRoutes } from "./metrics-query.ts";
import { modelsRoutes } from "./models.ts";
import { observationsV2Routes } from "./observations-v2.ts";
import { observationsRoutes } from "./observations.ts";
import { projectsRoutes } from "./projects.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { scoreConfigsRoutes } from "./score-configs.ts";
import { scoreDeletionRoutes } from "./score-deletion.ts";
import { scoresRoutes } from "./scores.ts";
import { sessionsRoutes } from "./sessions.ts";
import { traceDeletionRoutes } from "./trace-deletion.ts";
import { traceDetailRoutes } from "./trace-detail.ts";
import { tracesRoutes } from "./traces.ts";

/** Every authenticated route, below /api/public. A new endpoint is a file beside this one and a line here. */
export const ROUTES: ReadonlyArray<(deps: QueryDeps) => OpenAPIHono<QueryEnv>> = [
  tracesRoutes,
  traceDetailRoutes,
  traceDeletionRoutes,
  observationsRoutes,
  observationsV2Routes,
  sessionsRoutes,
  scoresRoutes,
  scoreDeletionRoutes,
  metricsDailyRoutes,
  metricsNamesRoutes,
  metricsQueryRoutes,
  analyticsRoutes,
  projectsRoutes,
  scoreConfigsRoutes,
  commentsRoutes,
  modelsRoutes,
];
