import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import {
  AnnotationQueueItem,
  AnnotationQueueItemList,
  CreateAnnotationQueueItem,
  pageMeta,
  QUEUE_ITEM_STATUSES,
  UpdateAnnotationQueueItem,
} from "@xtrace/contract";
import {
  addAnnotationQueueItem,
  countAnnotationQueueItems,
  deleteAnnotationQueueItem,
  findAnnotationQueueItem,
  listAnnotationQueueItems,
  setQueueItemStatus,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentAnnotationQueueItem } from "../present/annotation-queue.ts";
import { queueOf } from "./annotation-queue-access.ts";
import { choiceParam } from "./choice-params.ts";
import { pageParam, strictLimitParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["annotation queues"];
const params = z.object({ queueId: z.string() });
const itemParams = params.extend({ itemId: z.string() });
const bodyOf = <T extends z.ZodType>(schema: T) => ({ required: true, content: { "application/json": { schema } } });

const addRoute = createRoute({
  method: "post",
  path: "/annotation-queues/{queueId}/items",
  tags,
  summary: "Add something to a queue",
  request: { params, body: bodyOf(CreateAnnotationQueueItem) },
  responses: { 200: json("The item.", AnnotationQueueItem), ...errorResponses(400, 401, 403, 404, 413) },
});

const listRoute = createRoute({
  method: "get",
  path: "/annotation-queues/{queueId}/items",
  tags,
  summary: "Items of a queue, newest first",
  request: {
    params,
    query: z.object({
      page: pageParam(),
      limit: strictLimitParam(),
      status: choiceParam(QUEUE_ITEM_STATUSES, "Items of this status."),
    }),
  },
  responses: { 200: json("One page of items.", AnnotationQueueItemList), ...errorResponses(400, 401, 403, 404) },
});

const findRoute = createRoute({
  method: "get",
  path: "/annotation-queues/{queueId}/items/{itemId}",
  tags,
  summary: "An item of a queue",
  request: { params: itemParams },
  responses: { 200: json("The item.", AnnotationQueueItem), ...errorResponses(401, 403, 404) },
});

const updateRoute = createRoute({
  method: "patch",
  path: "/annotation-queues/{queueId}/items/{itemId}",
  tags,
  summary: "Complete an item, or open it again",
  request: { params: itemParams, body: bodyOf(UpdateAnnotationQueueItem) },
  responses: { 200: json("The item.", AnnotationQueueItem), ...errorResponses(400, 401, 403, 404, 413) },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/annotation-queues/{queueId}/items/{itemId}",
  tags,
  summary: "Take an item from a queue",
  request: { params: itemParams },
  responses: {
    200: json("It is gone.", z.object({ success: z.boolean(), message: z.string() })),
    ...errorResponses(401, 403, 404),
  },
});

/** What is in the queues. Source: Langfuse's API definition. */
export function annotationQueueItemsRoutes({ primary: db }: QueryDeps): OpenAPIHono<QueryEnv> {
  /** Of a queue of the project. Throws NOT_FOUND for the queue or the item. */
  async function itemOf<T>(queueId: string, projectId: string, item: () => Promise<T>): Promise<NonNullable<T>> {
    await queueOf(db, projectId, queueId);
    const found = await item();
    if (!found) throw new AppError("NOT_FOUND", "Annotation queue item not found");
    return found;
  }

  return createRouter()
    .openapi(addRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { id: queueId } = await queueOf(db, projectId, c.req.valid("param").queueId);
      const row = await addAnnotationQueueItem(db, { ...c.req.valid("json"), projectId, queueId });
      return c.json(presentAnnotationQueueItem(row), 200);
    })
    .openapi(listRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { page, limit, status } = c.req.valid("query");
      const { id: queueId } = await queueOf(db, projectId, c.req.valid("param").queueId);
      const filter = { projectId, queueId, status };
      const [totalItems, rows] = await Promise.all([
        countAnnotationQueueItems(db, filter),
        listAnnotationQueueItems(db, { filter, limit, offset: (page - 1) * limit }),
      ]);
      return c.json({ data: rows.map(presentAnnotationQueueItem), meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { queueId, itemId: id } = c.req.valid("param");
      const row = await itemOf(queueId, projectId, () => findAnnotationQueueItem(db, { projectId, queueId, id }));
      return c.json(presentAnnotationQueueItem(row), 200);
    })
    .openapi(updateRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { queueId, itemId: id } = c.req.valid("param");
      const { status } = c.req.valid("json");
      const item = { projectId, queueId, id };
      const row = await itemOf(queueId, projectId, () =>
        status === undefined ? findAnnotationQueueItem(db, item) : setQueueItemStatus(db, { ...item, status }),
      );
      return c.json(presentAnnotationQueueItem(row), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { queueId, itemId: id } = c.req.valid("param");
      await itemOf(queueId, projectId, () => deleteAnnotationQueueItem(db, { projectId, queueId, id }));
      return c.json({ success: true, message: "Annotation queue item deleted successfully" }, 200);
    });
}
