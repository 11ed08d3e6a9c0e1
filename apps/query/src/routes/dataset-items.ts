import { randomUUID } from "node:crypto";
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { CreateDatasetItem, DatasetItem, DatasetItemList, pageMeta } from "@xtrace/contract";
import {
  countDatasetItems,
  deleteDatasetItem,
  listDatasetItems,
  upsertDatasetItem,
  type NamedDatasetItem,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import type { Context } from "hono";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentDatasetItem } from "../present/dataset.ts";
import { presentItemsWithMedia } from "./dataset-item-media.ts";
import { datasetOf, datasetOfQuery } from "./dataset-access.ts";
import { requireFittingItem } from "./dataset-schemas.ts";
import { pageParam, strictLimitParam, textParam, timeParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["datasets"];
const params = z.object({ itemId: z.string() });

const upsertRoute = createRoute({
  method: "post",
  path: "/dataset-items",
  tags,
  summary: "Add an item to a dataset, or change the one with that id",
  request: { body: { required: true, content: { "application/json": { schema: CreateDatasetItem } } } },
  responses: { 200: json("The item.", DatasetItem), ...errorResponses(400, 401, 403, 404, 413) },
});

const listRoute = createRoute({
  method: "get",
  path: "/dataset-items",
  tags,
  summary: "Items of datasets, newest first",
  request: {
    query: z
      .object({
        page: pageParam(),
        limit: strictLimitParam(),
        datasetName: textParam("Items of this dataset."),
        sourceTraceId: textParam("Items made from this trace."),
        sourceObservationId: textParam("Items made from this observation."),
        version: timeParam("Items as they were at this time; needs `datasetName`."),
      })
      .refine(({ version, datasetName }) => version === undefined || datasetName !== undefined, {
        path: ["datasetName"],
        error: "expected together with version",
      }),
  },
  responses: { 200: json("One page of items.", DatasetItemList), ...errorResponses(400, 401, 403, 404) },
});

const findRoute = createRoute({
  method: "get",
  path: "/dataset-items/{itemId}",
  tags,
  summary: "An item by its id",
  request: { params },
  responses: { 200: json("The item.", DatasetItem), ...errorResponses(401, 403, 404) },
});

const Deleted = z.object({ message: z.string() });

const deleteRoute = createRoute({
  method: "delete",
  path: "/dataset-items/{itemId}",
  tags,
  summary: "Delete an item, with what came of it in runs",
  request: { params },
  responses: { 200: json("It is gone.", Deleted), ...errorResponses(401, 403, 404) },
});

const NOT_FOUND = "Dataset item not found";

/** Items of datasets. Source: Langfuse's API definition. */
export function datasetItemsRoutes({ primary: db, mediaLinks }: QueryDeps): OpenAPIHono<QueryEnv> {
  async function shown(c: Context<QueryEnv>, row: NamedDatasetItem): Promise<DatasetItem> {
    const [item] = await presentItemsWithMedia(c, mediaLinks, c.get("identity").projectId, [row]);
    return item ?? presentDatasetItem(row, []);
  }

  return createRouter()
    .openapi(upsertRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { datasetName, ...given } = c.req.valid("json");
      const { id: datasetId } = await datasetOf(db, projectId, datasetName);
      const id = given.id ?? randomUUID();
      const said = { input: given.input ?? null, expectedOutput: given.expectedOutput ?? null };
      const item = {
        ...said,
        projectId,
        datasetId,
        id,
        metadata: given.metadata ?? null,
        sourceTraceId: given.sourceTraceId ?? null,
        sourceObservationId: given.sourceObservationId ?? null,
        status: given.status ?? null,
      };
      const row = await upsertDatasetItem(db, item, (dataset) => requireFittingItem(dataset, said));
      if (!row) {
        throw new AppError(
          "NOT_FOUND",
          `The dataset item with id ${id} already exists in a dataset other than ${datasetName}`,
        );
      }
      return c.json(await shown(c, { ...row, datasetName }), 200);
    })
    .openapi(listRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { page, limit, datasetName, sourceTraceId, sourceObservationId, version: asOfUs } = c.req.valid("query");
      const dataset = datasetName === undefined ? undefined : await datasetOfQuery(db, projectId, datasetName);
      const status = listedStatus(c);
      const filter = { projectId, datasetId: dataset?.id, sourceTraceId, sourceObservationId, status, asOfUs };
      const [totalItems, rows] = await Promise.all([
        countDatasetItems(db, filter),
        listDatasetItems(db, { filter, limit, offset: (page - 1) * limit }),
      ]);
      const data = await presentItemsWithMedia(c, mediaLinks, projectId, rows);
      return c.json({ data, meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const filter = { projectId: c.get("identity").projectId, id: c.req.valid("param").itemId };
      const [row] = await listDatasetItems(db, { filter, limit: 1, offset: 0 });
      if (!row) throw new AppError("NOT_FOUND", NOT_FOUND);
      return c.json(await shown(c, row), 200);
    })
    .openapi(deleteRoute, async (c) => {
      const item = { projectId: c.get("identity").projectId, id: c.req.valid("param").itemId };
      if (!(await deleteDatasetItem(db, item))) throw new AppError("NOT_FOUND", NOT_FOUND);
      return c.json({ message: "Dataset item successfully deleted" }, 200);
    });
}

/**
 * Langfuse no longer lists archived items, so that experiments leave them out. When its clients were at version 3 it did, and
 * they look at the status themselves.
 */
function listedStatus(c: Context<QueryEnv>): "ACTIVE" | undefined {
  const major = /^\d{1,4}(?=\.)/.exec(c.req.header("x-langfuse-sdk-version") ?? "")?.[0];
  return major !== undefined && Number(major) <= 3 ? undefined : "ACTIVE";
}
