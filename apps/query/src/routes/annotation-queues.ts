import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import {
  AnnotationQueue,
  AnnotationQueueList,
  CreateAnnotationQueue,
  pageMeta,
  QueueAssignment,
} from "@xtrace/contract";
import {
  areScoreConfigs,
  assignAnnotationQueue,
  countAnnotationQueues,
  createAnnotationQueue,
  deleteAnnotationQueue,
  listAnnotationQueues,
  unassignAnnotationQueue,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentAnnotationQueue } from "../present/annotation-queue.ts";
import { queueNotFound, queueOf } from "./annotation-queue-access.ts";
import { pageParam, strictLimitParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["annotation queues"];
const params = z.object({ queueId: z.string() });
const assignmentBody = { required: true, content: { "application/json": { schema: QueueAssignment } } };

const createQueueRoute = createRoute({
  method: "post",
  path: "/annotation-queues",
  tags,
  summary: "Make a queue",
  request: { body: { required: true, content: { "application/json": { schema: CreateAnnotationQueue } } } },
  responses: { 200: json("The queue.", AnnotationQueue), ...errorResponses(400, 401, 403, 409, 413) },
});

const listRoute = createRoute({
  method: "get",
  path: "/annotation-queues",
  tags,
  summary: "Queues, newest first",
  request: { query: z.object({ page: pageParam(), limit: strictLimitParam() }) },
  responses: { 200: json("One page of queues.", AnnotationQueueList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/annotation-queues/{queueId}",
  tags,
  summary: "A queue by its id",
  request: { params },
  responses: { 200: json("The queue.", AnnotationQueue), ...errorResponses(401, 403, 404) },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/annotation-queues/{queueId}",
  tags,
  summary: "Delete a queue with what is in it; scores stay",
  request: { params },
  responses: {
    200: json("It is gone.", z.object({ success: z.boolean(), message: z.string() })),
    ...errorResponses(401, 403, 404),
  },
});

const Assigned = z.object({ userId: z.string(), queueId: z.string(), projectId: z.string() });

const assignRoute = createRoute({
  method: "post",
  path: "/annotation-queues/{queueId}/assignments",
  tags,
  summary: "Assign a queue to a user",
  request: { params, body: assignmentBody },
  responses: { 200: json("The assignment.", Assigned), ...errorResponses(400, 401, 403, 404, 413) },
});

const unassignRoute = createRoute({
  method: "delete",
  path: "/annotation-queues/{queueId}/assignments",
  tags,
  summary: "Take a queue from a user",
  request: { params, body: assignmentBody },
  responses: {
    200: json("It is theirs no more.", z.object({ success: z.boolean() })),
    ...errorResponses(400, 401, 403, 404, 413),
  },
});

/** Queues of what people are to judge, and who is to do so. Source: Langfuse's API definition. */
export function annotationQueuesRoutes({ primary: db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(createQueueRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { description, ...given } = c.req.valid("json");
      if (!(await areScoreConfigs(db, { projectId, ids: given.scoreConfigIds }))) {
        const message = "At least one of the score config IDs cannot be found for the given project.";
        throw new AppError("BAD_REQUEST", message);
      }
      const row = await createAnnotationQueue(db, { ...given, projectId, description: description ?? null });
      if (!row) throw new AppError("CONFLICT", "A queue with this name already exists.");
      return c.json(presentAnnotationQueue(row), 200);
    })
    .openapi(listRoute, async (c) => {
      const { page, limit } = c.req.valid("query");
      const { projectId } = c.get("identity");
      const [totalItems, rows] = await Promise.all([
        countAnnotationQueues(db, projectId),
        listAnnotationQueues(db, { projectId, limit, offset: (page - 1) * limit }),
      ]);
      return c.json({ data: rows.map(presentAnnotationQueue), meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const queue = await queueOf(db, c.get("identity").projectId, c.req.valid("param").queueId);
      return c.json(presentAnnotationQueue(queue), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const queue = { projectId: c.get("identity").projectId, id: c.req.valid("param").queueId };
      if (!(await deleteAnnotationQueue(db, queue))) throw queueNotFound();
      return c.json({ success: true, message: "Annotation queue deleted successfully" }, 200);
    })
    .openapi(assignRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { id: queueId } = await queueOf(db, projectId, c.req.valid("param").queueId);
      const assignment = { projectId, queueId, userId: c.req.valid("json").userId };
      await assignAnnotationQueue(db, assignment);
      return c.json(assignment, 200);
    })
    .openapi(unassignRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { id: queueId } = await queueOf(db, projectId, c.req.valid("param").queueId);
      await unassignAnnotationQueue(db, { projectId, queueId, userId: c.req.valid("json").userId });
      return c.json({ success: true }, 200);
    });
}
