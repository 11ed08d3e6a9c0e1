import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { ProjectList, type Project } from "@xtrace/contract";
import { findProject } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { wireTime } from "../present/wire-time.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** There are no organizations here, and Langfuse's SDKs refuse a project without one. */
const ORGANIZATION = { id: "default", name: "Default" } as const;

const route = createRoute({
  method: "get",
  path: "/projects",
  tags: ["projects"],
  summary: "The project of the key",
  responses: { 200: json("One project.", ProjectList), ...errorResponses(401, 403) },
});

/** SDKs call this to check their key and to make links, so a key's project always exists. */
export function projectsRoutes({ db, nowUs }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const { projectId } = c.get("identity");
    const row = await findProject(db, { projectId });
    const project: Project = {
      id: projectId,
      name: row?.name ?? projectId,
      createdAt: wireTime(row?.createdAt ?? nowUs()),
      updatedAt: wireTime(row?.updatedAt ?? nowUs()),
      metadata: row?.metadata ?? {},
      organization: ORGANIZATION,
    };
    return c.json({ data: [project] }, 200);
  });
}
