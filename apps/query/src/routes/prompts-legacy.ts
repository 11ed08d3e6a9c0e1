import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { CreateLegacyPrompt, LegacyPrompt, PRODUCTION_LABEL } from "@xtrace/contract";
import { createPrompt } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentLegacyPrompt, presentPrompt } from "../present/prompt.ts";
import { findPrompt, newPromptOf, orRefuse, referenceOf } from "./prompt-access.ts";
import { LegacyPromptQuery } from "./prompt-query.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["prompts"];

const createRouteV1 = createRoute({
  method: "post",
  path: "/prompts",
  tags,
  summary: "Add a version to a prompt, as clients did before labels",
  request: { body: { required: true, content: { "application/json": { schema: CreateLegacyPrompt } } } },
  responses: { 201: json("The version.", LegacyPrompt), ...errorResponses(400, 401, 403, 413) },
});

const findRouteV1 = createRoute({
  method: "get",
  path: "/prompts",
  tags,
  summary: "A version of a prompt, or the active one",
  request: { query: LegacyPromptQuery },
  responses: { 200: json("The version.", LegacyPrompt), ...errorResponses(400, 401, 403, 404) },
});

/** Before labels a version was active or not, which the label `production` says now. */
export function legacyPromptsRoutes({ primary: db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(createRouteV1, async (c) => {
      const { isActive, ...body } = c.req.valid("json");
      const labels = isActive ? [...body.labels, PRODUCTION_LABEL] : body.labels;
      const created = newPromptOf({ ...body, labels }, c.get("identity").projectId);
      return c.json(presentLegacyPrompt(presentPrompt(await orRefuse(() => createPrompt(db, created)))), 201);
    })
    .openapi(findRouteV1, async (c) => {
      const { name, version } = c.req.valid("query");
      const { projectId } = c.get("identity");
      const prompt = await findPrompt(db, { projectId, reference: referenceOf(name, { version }), resolve: true });
      if (!prompt) throw new AppError("NOT_FOUND", "Prompt not found");
      return c.json(presentLegacyPrompt(prompt), 200);
    });
}
