import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { CreateDataset, Dataset, DatasetList, DatasetWithIdsList, DatasetWithItems, pageMeta } from "@xtrace/contract";
import {
  countDatasets,
  listDatasetItems,
  listDatasetRuns,
  listDatasets,
  listDatasetsWithIds,
  upsertDataset,
} from "@xtrace/db";
import type { Context } from "hono";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentDataset } from "../present/dataset.ts";
import { presentItemsWithMedia } from "./dataset-item-media.ts";
import { datasetOf } from "./dataset-access.ts";
import { schemasCheck } from "./dataset-schemas.ts";
import { pageParam, strictLimitParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** Of a dataset that is shown with what is in it. */
const MAX_ITEMS = 10_000;
const MAX_IDS = 1_000;

const tags = ["datasets"];
const query = z.object({ page: pageParam(), limit: strictLimitParam() });
const params = z.object({ datasetName: z.string() });
const body = { required: true, content: { "application/json": { schema: CreateDataset } } };

const upsertRoute = createRoute({
  method: "post",
  path: "/v2/datasets",
  tags,
  summary: "Make a dataset, or change the one of that name",
  request: { body },
  responses: { 200: json("The dataset.", Dataset), ...errorResponses(400, 401, 403, 413) },
});

const listRoute = createRoute({
  method: "get",
  path: "/v2/datasets",
  tags,
  summary: "Datasets, newest first",
  request: { query },
  responses: { 200: json("One page of datasets.", DatasetList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/v2/datasets/{datasetName}",
  tags,
  summary: "A dataset by its name",
  request: { params },
  responses: { 200: json("The dataset.", Dataset), ...errorResponses(401, 403, 404) },
});

const upsertRouteV1 = createRoute({
  method: "post",
  path: "/datasets",
  tags,
  summary: "Make a dataset, or change the one of that name",
  request: { body },
  responses: { 200: json("The dataset with what is in it.", DatasetWithItems), ...errorResponses(400, 401, 403, 413) },
});

const listRouteV1 = createRoute({
  method: "get",
  path: "/datasets",
  tags,
  summary: "Datasets with the ids of their items and the names of their runs, newest first",
  request: { query },
  responses: { 200: json("One page of datasets.", DatasetWithIdsList), ...errorResponses(400, 401, 403) },
});

const findRouteV1 = createRoute({
  method: "get",
  path: "/datasets/{datasetName}",
  tags,
  summary: "A dataset with its items and the names of its runs",
  request: { params },
  responses: { 200: json("The dataset with what is in it.", DatasetWithItems), ...errorResponses(401, 403, 404) },
});

/** Datasets, and how clients saw them before `/v2`. Source: Langfuse's API definition. */
export function datasetsRoutes({ primary: db, mediaLinks }: QueryDeps): OpenAPIHono<QueryEnv> {
  async function upsert(projectId: string, { name, ...given }: z.infer<typeof CreateDataset>) {
    const content = {
      description: given.description ?? null,
      metadata: given.metadata ?? null,
      inputSchema: given.inputSchema ?? null,
      expectedOutputSchema: given.expectedOutputSchema ?? null,
    };
    return await upsertDataset(db, { projectId, name, ...content }, await schemasCheck(projectId, given));
  }

  async function withItems(c: Context<QueryEnv>, dataset: Awaited<ReturnType<typeof upsert>>) {
    const { projectId, id: datasetId } = dataset;
    const [items, runs] = await Promise.all([
      listDatasetItems(db, { filter: { projectId, datasetId, status: "ACTIVE" }, limit: MAX_ITEMS, offset: 0 }),
      listDatasetRuns(db, { projectId, datasetId, limit: MAX_IDS, offset: 0 }),
    ]);
    return {
      ...presentDataset(dataset),
      items: await presentItemsWithMedia(c, mediaLinks, projectId, items),
      runs: runs.map(({ name }) => name),
    };
  }

  return createRouter()
    .openapi(upsertRoute, async (c) => {
      const row = await upsert(c.get("identity").projectId, c.req.valid("json"));
      return c.json(presentDataset(row), 200);
    })
    .openapi(listRoute, async (c) => {
      const { page, limit } = c.req.valid("query");
      const { projectId } = c.get("identity");
      const [totalItems, rows] = await Promise.all([
        countDatasets(db, projectId),
        listDatasets(db, { projectId, limit, offset: (page - 1) * limit }),
      ]);
      return c.json({ data: rows.map(presentDataset), meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRoute, async (c) =>
      c.json(presentDataset(await datasetOf(db, c.get("identity").projectId, c.req.valid("param").datasetName)), 200),
    )
    .openapi(upsertRouteV1, async (c) =>
      c.json(await withItems(c, await upsert(c.get("identity").projectId, c.req.valid("json"))), 200),
    )
    .openapi(listRouteV1, async (c) => {
      const { page, limit } = c.req.valid("query");
      const { projectId } = c.get("identity");
      const [totalItems, rows] = await Promise.all([
        countDatasets(db, projectId),
        listDatasetsWithIds(db, { projectId, limit, offset: (page - 1) * limit, maxIds: MAX_IDS }),
      ]);
      const data = rows.map(({ itemIds, runNames, ...row }) => ({
        ...presentDataset(row),
        items: itemIds,
        runs: runNames,
      }));
      return c.json({ data, meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRouteV1, async (c) =>
      c.json(
        await withItems(c, await datasetOf(db, c.get("identity").projectId, c.req.valid("param").datasetName)),
        200,
      ),
    );
}
