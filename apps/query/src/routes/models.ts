import { randomUUID } from "node:crypto";
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { Model, ModelInput, ModelList, pageMeta } from "@xtrace/contract";
import { builtInModel, deleteModel, findModel, listModels, saveModel } from "@xtrace/db";
import { AppError, InvalidRequest } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentModel } from "../present/model.ts";
import { modelOf } from "./model-body.ts";
import { pageParam, strictLimitParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["models"];
const params = z.object({ id: z.string() });
const body = { required: true, content: { "application/json": { schema: ModelInput } } };

const listRoute = createRoute({
  method: "get",
  path: "/models",
  tags,
  summary: "Models and their prices: the project's own, then the built-in ones",
  request: { query: z.object({ page: pageParam(), limit: strictLimitParam() }) },
  responses: { 200: json("One page of models.", ModelList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/models/{id}",
  tags,
  summary: "A model by its id",
  request: { params },
  responses: { 200: json("The model.", Model), ...errorResponses(401, 403, 404) },
});

const createModelRoute = createRoute({
  method: "post",
  path: "/models",
  tags,
  summary: "Make a model",
  description: "What is written from then on is priced by it, within a second or two. What was written keeps its cost.",
  request: { body },
  responses: { 200: json("The model.", Model), ...errorResponses(400, 401, 403) },
});

const replaceRoute = createRoute({
  method: "put",
  path: "/models/{id}",
  tags,
  summary: "Make a model, or replace the project's own of this id",
  request: { params, body },
  responses: { 200: json("The model.", Model), ...errorResponses(400, 401, 403, 404) },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/models/{id}",
  tags,
  summary: "Delete a model of the project's",
  responses: {
    200: json("It is gone.", z.object({ message: z.string() })),
    ...errorResponses(401, 403, 404),
  },
  request: { params },
});

/** The price table. Written and read where it is written: a model is there at once. */
export function modelsRoutes({ primary }: QueryDeps): OpenAPIHono<QueryEnv> {
  async function save(projectId: string, id: string, input: ModelInput): Promise<Model> {
    const saved = await saveModel(primary, modelOf(input, { projectId, id }));
    if (saved) return presentModel(saved);
    throw new InvalidRequest([{ path: "modelName", message: "is the name of another model" }], {
      message: `Model name '${input.modelName}' already exists in project`,
    });
  }

  return createRouter()
    .openapi(listRoute, async (c) => {
      const { page, limit } = c.req.valid("query");
      const range = { limit, offset: (page - 1) * limit };
      const { rows, total } = await listModels(primary, { projectId: c.get("identity").projectId, ...range });
      return c.json({ data: rows.map(presentModel), meta: pageMeta({ page, limit, totalItems: total }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { id } = c.req.valid("param");
      const model = await findModel(primary, { projectId: c.get("identity").projectId, id });
      if (!model) throw new AppError("NOT_FOUND", "No model with this id found.");
      return c.json(presentModel(model), 200);
    })
    .openapi(createModelRoute, async (c) =>
      c.json(await save(c.get("identity").projectId, randomUUID(), c.req.valid("json")), 200),
    )
    .openapi(replaceRoute, async (c) => {
      const { id } = c.req.valid("param");
      if (builtInModel(id)) throw new AppError("NOT_FOUND", "No model with this id found.");
      return c.json(await save(c.get("identity").projectId, id, c.req.valid("json")), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const { id } = c.req.valid("param");
      if (await deleteModel(primary, { projectId: c.get("identity").projectId, id })) {
        return c.json({ message: "Model successfully deleted" }, 200);
      }
      const hint = "Built-in models cannot be deleted; one of your own with the same name goes before them.";
      throw new AppError("NOT_FOUND", `No model with this id found. Note: ${hint}`);
    });
}
