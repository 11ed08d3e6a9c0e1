import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import {
  CreateDatasetRunItem,
  DatasetRunItem,
  DatasetRunItemList,
  DatasetRunList,
  DatasetRunWithItems,
  isJsonObject,
  pageMeta,
  usFromIso,
  type JsonValue,
} from "@xtrace/contract";
import {
  addDatasetRunItem,
  countDatasetRunItems,
  countDatasetRuns,
  deleteDatasetRun,
  findDatasetRun,
  listDatasetItems,
  listDatasetRunItems,
  listDatasetRuns,
  type RunChoice,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentDatasetRun, presentDatasetRunItem } from "../present/dataset.ts";
import { awaitObservation } from "./await-observation.ts";
import { datasetOf } from "./dataset-access.ts";
import { pageParam, strictLimitParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** Of a run that is shown with what is in it. */
const MAX_ITEMS = 10_000;

const tags = ["datasets"];
const page = { page: pageParam(), limit: strictLimitParam() };
const runParams = z.object({ datasetName: z.string(), runName: z.string() });

const addRoute = createRoute({
  method: "post",
  path: "/dataset-run-items",
  tags,
  summary: "Tell what came of an item in a run",
  description:
    "A run is made by its first item. What is said of it later is taken over. Where only an observation is named, it may " +
    "be up to two seconds on its way.",
  request: { body: { required: true, content: { "application/json": { schema: CreateDatasetRunItem } } } },
  responses: { 200: json("The run's item.", DatasetRunItem), ...errorResponses(400, 401, 403, 404, 413) },
});

const listItemsRoute = createRoute({
  method: "get",
  path: "/dataset-run-items",
  tags,
  summary: "What came of items in a run",
  request: { query: z.object({ ...page, datasetId: z.string(), runName: z.string() }) },
  responses: { 200: json("One page of a run's items.", DatasetRunItemList), ...errorResponses(400, 401, 403, 404) },
});

const listRoute = createRoute({
  method: "get",
  path: "/datasets/{datasetName}/runs",
  tags,
  summary: "Runs of a dataset, newest first",
  request: { params: z.object({ datasetName: z.string() }), query: z.object(page) },
  responses: { 200: json("One page of runs.", DatasetRunList), ...errorResponses(400, 401, 403, 404) },
});

const findRoute = createRoute({
  method: "get",
  path: "/datasets/{datasetName}/runs/{runName}",
  tags,
  summary: "A run with what came of its items",
  request: { params: runParams },
  responses: { 200: json("The run.", DatasetRunWithItems), ...errorResponses(401, 403, 404) },
});

const Deleted = z.object({ message: z.string() });

const deleteRoute = createRoute({
  method: "delete",
  path: "/datasets/{datasetName}/runs/{runName}",
  tags,
  summary: "Delete a run with its items; traces stay",
  request: { params: runParams },
  responses: { 200: json("It is gone.", Deleted), ...errorResponses(401, 403, 404) },
});

/** Runs of datasets. Source: Langfuse's API definition. */
export function datasetRunsRoutes({ primary: db }: QueryDeps): OpenAPIHono<QueryEnv> {
  async function runOf(choice: RunChoice) {
    const run = await findDatasetRun(db, choice);
    if (!run) throw new AppError("NOT_FOUND", "Dataset run not found");
    return run;
  }

  async function traceOf(projectId: string, given: z.infer<typeof CreateDatasetRunItem>): Promise<string> {
    if (given.traceId) return given.traceId;
    const observation = await awaitObservation(db, { projectId, observationId: given.observationId ?? "" });
    if (!observation) throw new AppError("NOT_FOUND", "Observation not found");
    return observation.traceId;
  }

  return createRouter()
    .openapi(addRoute, async (c) => {
      const { projectId } = c.get("identity");
      const given = c.req.valid("json");
      const asOfUs = given.datasetVersion ? usFromIso(given.datasetVersion) : undefined;
      const filter = { projectId, id: given.datasetItemId, asOfUs };
      const [item] = await listDatasetItems(db, { filter, limit: 1, offset: 0 });
      if (item?.status !== "ACTIVE") throw new AppError("NOT_FOUND", "Dataset item not found");
      const row = await addDatasetRunItem(db, {
        projectId,
        datasetId: item.datasetId,
        runName: given.runName,
        description: given.runDescription ?? null,
        metadata: runMetadata(given.metadata ?? null, given.datasetVersion ?? null),
        itemId: item.id,
        traceId: await traceOf(projectId, given),
        observationId: given.observationId ?? null,
        createdAtUs: given.createdAt ? usFromIso(given.createdAt) : undefined,
      });
      return c.json(presentDatasetRunItem(row), 200);
    })
    .openapi(listItemsRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { page, limit, datasetId, runName } = c.req.valid("query");
      const { id: runId } = await runOf({ projectId, dataset: { id: datasetId }, runName });
      const [totalItems, rows] = await Promise.all([
        countDatasetRunItems(db, { projectId, runId }),
        listDatasetRunItems(db, { projectId, runId, limit, offset: (page - 1) * limit }),
      ]);
      return c.json({ data: rows.map(presentDatasetRunItem), meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(listRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { page, limit } = c.req.valid("query");
      const { id: datasetId } = await datasetOf(db, projectId, c.req.valid("param").datasetName);
      const [totalItems, rows] = await Promise.all([
        countDatasetRuns(db, { projectId, datasetId }),
        listDatasetRuns(db, { projectId, datasetId, limit, offset: (page - 1) * limit }),
      ]);
      return c.json({ data: rows.map(presentDatasetRun), meta: pageMeta({ page, limit, totalItems }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { datasetName, runName } = c.req.valid("param");
      const run = await runOf({ projectId, dataset: { name: datasetName }, runName });
      const items = await listDatasetRunItems(db, { projectId, runId: run.id, limit: MAX_ITEMS, offset: 0 });
      return c.json({ ...presentDatasetRun(run), datasetRunItems: items.map(presentDatasetRunItem) }, 200);
    })
    .openapi(deleteRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { datasetName, runName } = c.req.valid("param");
      const isGone = await deleteDatasetRun(db, { projectId, dataset: { name: datasetName }, runName });
      if (!isGone) throw new AppError("NOT_FOUND", "Dataset run not found");
      return c.json({ message: "Dataset run successfully deleted" }, 200);
    });
}

/** What is said of a run, with the time as of which items are run. `null` where nothing is said. */
function runMetadata(metadata: JsonValue, datasetVersion: string | null): JsonValue {
  if (datasetVersion === null) return metadata;
  const given = isJsonObject(metadata) ? metadata : metadata === null ? {} : { metadata };
  return { ...given, dataset_version: datasetVersion };
}
