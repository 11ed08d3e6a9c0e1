import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { CreatePrompt, pageMeta, Prompt, PromptMetaList, UpdatePromptLabels } from "@xtrace/contract";
import { addPromptLabels, countPrompts, createPrompt, deletePromptVersions, listPrompts } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentPrompt, presentPromptMeta } from "../present/prompt.ts";
import { findPrompt, newPromptOf, orRefuse, referenceOf } from "./prompt-access.ts";
import { PromptChoiceQuery, PromptListQuery, PromptQuery, versionParam } from "./prompt-query.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["prompts"];
const promptName = z.string().openapi({ description: "Percent-encoded, also its slashes." });

const createPromptRoute = createRoute({
  method: "post",
  path: "/v2/prompts",
  tags,
  summary: "Add a version to a prompt, or make a new prompt",
  description: "The version takes its labels, and `latest`, from those before it.",
  request: { body: { required: true, content: { "application/json": { schema: CreatePrompt } } } },
  responses: { 201: json("The version.", Prompt), ...errorResponses(400, 401, 403, 413) },
});

const listRoute = createRoute({
  method: "get",
  path: "/v2/prompts",
  tags,
  summary: "Prompts by name",
  request: { query: PromptListQuery },
  responses: { 200: json("One page of prompts.", PromptMetaList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/v2/prompts/{promptName}",
  tags,
  summary: "A version of a prompt, with the prompts that it refers to put in",
  request: { params: z.object({ promptName }), query: PromptQuery },
  responses: { 200: json("The version.", Prompt), ...errorResponses(400, 401, 403, 404) },
});

const labelRoute = createRoute({
  method: "patch",
  path: "/v2/prompts/{promptName}/versions/{version}",
  tags,
  summary: "Move labels to a version of a prompt",
  request: {
    params: z.object({ promptName, version: versionParam.unwrap() }),
    body: { required: true, content: { "application/json": { schema: UpdatePromptLabels } } },
  },
  responses: { 200: json("The version.", Prompt), ...errorResponses(400, 401, 403, 404, 413) },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/v2/prompts/{promptName}",
  tags,
  summary: "Delete a prompt, or those of its versions that have a number or a label",
  description: "Refused while another prompt refers to what would be gone.",
  request: { params: z.object({ promptName }), query: PromptChoiceQuery },
  responses: { 204: { description: "They are gone." }, ...errorResponses(400, 401, 403, 404) },
});

/** Prompts with their versions and labels. Source: Langfuse's API definition. */
export function promptsRoutes({ primary: db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(createPromptRoute, async (c) => {
      const created = newPromptOf(c.req.valid("json"), c.get("identity").projectId);
      return c.json(presentPrompt(await orRefuse(() => createPrompt(db, created))), 201);
    })
    .openapi(listRoute, async (c) => {
      const {
        page,
        limit,
        name,
        label,
        tag,
        fromUpdatedAt: fromUpdatedUs,
        toUpdatedAt: toUpdatedUs,
      } = c.req.valid("query");
      const filter = { projectId: c.get("identity").projectId, name, label, tag, fromUpdatedUs, toUpdatedUs };
      const [totalItems, rows] = await Promise.all([
        countPrompts(db, filter),
        listPrompts(db, { filter, limit, offset: (page - 1) * limit }),
      ]);
      return c.json({ data: rows.map(presentPromptMeta), meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { promptName: name } = c.req.valid("param");
      const { resolve, ...choice } = c.req.valid("query");
      const reference = referenceOf(name, choice);
      const prompt = await findPrompt(db, { projectId: c.get("identity").projectId, reference, resolve });
      if (prompt) return c.json(prompt, 200);
      const which = reference.version === undefined ? `label '${reference.label}'` : `version ${choice.version}`;
      throw new AppError("NOT_FOUND", `Prompt not found: '${name}' with ${which}`);
    })
    .openapi(labelRoute, async (c) => {
      const { promptName: name, version = 0 } = c.req.valid("param");
      const { newLabels: labels } = c.req.valid("json");
      const row = await addPromptLabels(db, { projectId: c.get("identity").projectId, name, version, labels });
      if (!row) throw new AppError("NOT_FOUND", `Prompt not found: ${name}`);
      return c.json(presentPrompt(row), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const { promptName: name } = c.req.valid("param");
      const { version, label } = c.req.valid("query");
      const choice = { projectId: c.get("identity").projectId, name, version, label };
      if ((await orRefuse(() => deletePromptVersions(db, choice))) === 0) {
        throw new AppError("NOT_FOUND", "Prompt not found");
      }
      return c.body(null, 204);
    });
}
