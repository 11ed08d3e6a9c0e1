import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { Deleted, DeleteTraces } from "@xtrace/contract";
import { deleteTraces } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const WHAT_GOES =
  "With its observations, scores, comments and files, and all that metrics count of it. What clients still send of it afterwards brings it back.";

const oneRoute = createRoute({
  method: "delete",
  path: "/traces/{traceId}",
  tags: ["traces"],
  summary: "Delete a trace",
  description: WHAT_GOES,
  request: {
    params: z.object({ traceId: z.string().openapi({ description: "A UUID and its 32 hex digits are the same id." }) }),
  },
  responses: { 200: json("It is gone, or was never there.", Deleted), ...errorResponses(400, 401, 403) },
});

const manyRoute = createRoute({
  method: "delete",
  path: "/traces",
  tags: ["traces"],
  summary: "Delete traces",
  description: `${WHAT_GOES} Each goes whole; after a 503 some may be left, and the request can be repeated.`,
  request: { body: { required: true, content: { "application/json": { schema: DeleteTraces } } } },
  responses: { 200: json("They are gone, or were never there.", Deleted), ...errorResponses(400, 401, 403) },
});

/** Deletes traces for good. Source of the paths and answers: Langfuse, which deletes some time later. */
export function traceDeletionRoutes({ primary }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(oneRoute, async (c) => {
      const traceIds = [c.req.valid("param").traceId];
      await deleteTraces(primary, { projectId: c.get("identity").projectId, traceIds });
      return c.json({ message: "Trace deleted successfully" }, 200);
    })
    .openapi(manyRoute, async (c) => {
      const { traceIds } = c.req.valid("json");
      await deleteTraces(primary, { projectId: c.get("identity").projectId, traceIds });
      return c.json({ message: "Traces deleted successfully" }, 200);
    });
}
