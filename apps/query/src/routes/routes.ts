import type { OpenAPIHono } from "@hono/zod-openapi";
import { analyticsRoutes } from "./analytics.ts";
import { annotationQueueItemsRoutes } from "./annotation-queue-items.ts";
import { annotationQueuesRoutes } from "./annotation-queues.ts";
import { commentsRoutes } from "./comments.ts";
import { datasetItemsRoutes } from "./dataset-items.ts";
import { datasetRunsRoutes } from "./dataset-runs.ts";
import { datasetsRoutes } from "./datasets.ts";
import { experimentsRoutes } from "./experiments.ts";
import { metricsDailyRoutes } from "./metrics-daily.ts";
import { metricsNamesRoutes } from "./metrics-names.ts";
import { metricsQueryRoutes } from "./metrics-query.ts";
import { modelsRoutes } from "./models.ts";
import { observationsV2Routes } from "./observations-v2.ts";
import { observationsRoutes } from "./observations.ts";
import { projectsRoutes } from "./projects.ts";
import { legacyPromptsRoutes } from "./prompts-legacy.ts";
import { promptsRoutes } from "./prompts.ts";
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
  promptsRoutes,
  legacyPromptsRoutes,
  datasetsRoutes,
  datasetItemsRoutes,
  datasetRunsRoutes,
  experimentsRoutes,
  annotationQueuesRoutes,
  annotationQueueItemsRoutes,
];
