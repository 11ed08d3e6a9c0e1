import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { Deleted } from "@xtrace/contract";
import { deleteScore } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const route = createRoute({
  method: "delete",
  path: "/scores/{scoreId}",
  tags: ["scores"],
  summary: "Delete a score",
  request: { params: z.object({ scoreId: z.string() }) },
  responses: { 202: json("It is gone, or was never there.", Deleted), ...errorResponses(400, 401, 403) },
});

/** Deletes a score for good. Source of the path and the status: Langfuse, which deletes some time later. */
export function scoreDeletionRoutes({ primary }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const { scoreId } = c.req.valid("param");
    await deleteScore(primary, { projectId: c.get("identity").projectId, scoreId });
    return c.json({ message: "Score deleted successfully" }, 202);
  });
}
