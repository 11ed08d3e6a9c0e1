import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { CreateScoreConfig, pageMeta, ScoreConfig, ScoreConfigList, UpdateScoreConfig } from "@xtrace/contract";
import {
  createScoreConfig,
  findScoreConfig,
  listScoreConfigs,
  updateScoreConfig,
  type ScoreConfigRow,
  type ScoreConfigValues,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentScoreConfig } from "../present/score-config.ts";
import { pageParam, strictLimitParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { allowed, newScoreConfig } from "./score-config-rules.ts";

const tags = ["score configs"];
const params = z.object({ configId: z.string() });

const createConfigRoute = createRoute({
  method: "post",
  path: "/score-configs",
  tags,
  summary: "Define what scores of a name may be",
  request: { body: { required: true, content: { "application/json": { schema: CreateScoreConfig } } } },
  responses: { 200: json("The new config.", ScoreConfig), ...errorResponses(400, 401, 403) },
});

const listRoute = createRoute({
  method: "get",
  path: "/score-configs",
  tags,
  summary: "Score configs, newest first",
  request: { query: z.object({ page: pageParam(), limit: strictLimitParam() }) },
  responses: { 200: json("One page of configs.", ScoreConfigList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/score-configs/{configId}",
  tags,
  summary: "A score config by its id",
  request: { params },
  responses: { 200: json("The config.", ScoreConfig), ...errorResponses(401, 403, 404) },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/score-configs/{configId}",
  tags,
  summary: "Change or archive a score config",
  description: "Its data type stays. Scores that name it stay as they are.",
  request: { params, body: { required: true, content: { "application/json": { schema: UpdateScoreConfig } } } },
  responses: { 200: json("The config as it is now.", ScoreConfig), ...errorResponses(400, 401, 403, 404) },
});

/** Definitions of scores. Source: Langfuse's score configs. */
export function scoreConfigsRoutes({ primary }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(createConfigRoute, async (c) => {
      const { projectId } = c.get("identity");
      const row = await createScoreConfig(primary, { projectId, ...newScoreConfig(c.req.valid("json")) });
      return c.json(presentScoreConfig(row), 200);
    })
    .openapi(listRoute, async (c) => {
      const { page, limit } = c.req.valid("query");
      const { projectId } = c.get("identity");
      const { rows, total } = await listScoreConfigs(primary, { projectId, limit, offset: (page - 1) * limit });
      return c.json({ data: rows.map(presentScoreConfig), meta: pageMeta({ page, limit, totalItems: total }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { projectId } = c.get("identity");
      return c.json(presentFound(await findScoreConfig(primary, { projectId, ...c.req.valid("param") })), 200);
    })
    .openapi(updateRoute, async (c) => {
      const { projectId } = c.get("identity");
      const changes = withoutAbsent(c.req.valid("json"));
      const row = await updateScoreConfig(primary, { projectId, ...c.req.valid("param") }, (before) =>
        allowed({ ...valuesOf(before), ...changes }),
      );
      return c.json(presentFound(row), 200);
    });
}

function presentFound(row: ScoreConfigRow | undefined): ScoreConfig {
  if (!row) throw new AppError("NOT_FOUND", "Score config not found within authorized project");
  return presentScoreConfig(row);
}

function valuesOf(row: ScoreConfigRow): ScoreConfigValues {
  const { name, dataType, isArchived, minValue, maxValue, categories, description } = row;
  return { name, dataType, isArchived, minValue, maxValue, categories, description };
}

function withoutAbsent(body: UpdateScoreConfig): Partial<ScoreConfigValues> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
