import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import {
  Experiment,
  ExperimentItemList,
  ExperimentList,
  type ExperimentField,
  type ExperimentItemField,
  type ScoreV3,
} from "@xtrace/contract";
import { listExperimentItems, listExperiments, listScores, type ScoreFilter, type ScoreRow } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentExperiment, presentExperimentItem } from "../present/experiment.ts";
import { presentScoreV3 } from "../present/score-v3.ts";
import { ExperimentItemQuery, ExperimentQuery } from "./experiment-query.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { encodeScoreCursor } from "./score-cursor.ts";

/** Of all experiments or items of a page together. */
const MAX_SCORES = 5_000;
const SCORES_OF_ONE = 50;

const tags = ["experiments"];

const listRoute = createRoute({
  method: "get",
  path: "/experiments",
  tags,
  summary: "Experiments by cursor, the last active first: runs of datasets, and what spans tell of",
  request: { query: ExperimentQuery },
  responses: { 200: json("The next experiments.", ExperimentList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/experiments/{experimentId}",
  tags,
  summary: "An experiment with its metadata and scores",
  request: { params: z.object({ experimentId: z.string() }) },
  responses: { 200: json("The experiment.", Experiment), ...errorResponses(401, 403, 404) },
});

const listItemsRoute = createRoute({
  method: "get",
  path: "/experiment-items",
  tags,
  summary: "What came of items in experiments, by cursor, newest first",
  request: { query: ExperimentItemQuery },
  responses: { 200: json("The next items.", ExperimentItemList), ...errorResponses(400, 401, 403) },
});

/** Experiments as Langfuse 4 shows them: by cursor, with their scores. */
export function experimentsRoutes({ primary: db }: QueryDeps): OpenAPIHono<QueryEnv> {
  /** By what they judge, the newest `limit` of each. */
  async function scoresBy(key: (score: ScoreRow) => string | null, filter: ScoreFilter, limit: number) {
    const found = new Map<string, ScoreV3[]>();
    for (const { score } of await listScores(db, { filter, limit: MAX_SCORES, offset: 0 })) {
      const scores = found.get(key(score) ?? "") ?? [];
      if (scores.length < limit) scores.push(presentScoreV3(score, ALL_OF_SCORES));
      found.set(key(score) ?? "", scores);
    }
    return (id: string) => found.get(id) ?? [];
  }

  async function scoresOfRuns(projectId: string, datasetRunIds: string[], limit: number) {
    if (datasetRunIds.length === 0) return () => [];
    return await scoresBy((score) => score.datasetRunId, { projectId, datasetRunIds }, limit);
  }

  async function scoresOfTraces(projectId: string, traceIds: string[], limit: number) {
    if (traceIds.length === 0) return () => [];
    return await scoresBy((score) => score.traceId, { projectId, traceIds }, limit);
  }

  return createRouter()
    .openapi(listRoute, async (c) => {
      const { projectId } = c.get("identity");
      const query = c.req.valid("query");
      const { limit, id: ids, name: names, datasetId: datasetIds, fromStartTime: fromUs, toStartTime: toUs } = query;
      const filter = { projectId, ids, names, datasetIds, fromUs, toUs, conditions: query.filter };
      const found = await listExperiments(db, { filter, before: query.cursor, limit: limit + 1 });
      const rows = found.slice(0, limit);
      const fields = new Set<ExperimentField>(query.fields);
      const judged = fields.has("scores") ? rows.map((row) => row.id) : [];
      const scoresOf = await scoresOfRuns(projectId, judged, query.scoreLimit);
      const data = rows.map((row) => presentExperiment(row, fields, scoresOf(row.id)));
      return c.json({ data, meta: cursorAfter(rows, found.length, ({ activeAt }) => activeAt) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { experimentId } = c.req.valid("param");
      const [row] = await listExperiments(db, { filter: { projectId, ids: [experimentId] }, limit: 1 });
      if (!row) throw new AppError("NOT_FOUND", "Experiment not found within authorized project");
      const scoresOf = await scoresOfRuns(projectId, [row.id], SCORES_OF_ONE);
      return c.json(presentExperiment(row, ALL_OF_EXPERIMENTS, scoresOf(row.id)), 200);
    })
    .openapi(listItemsRoute, async (c) => {
      const { projectId } = c.get("identity");
      const query = c.req.valid("query");
      const { limit, experimentId: ids, experimentName: names, experimentItemId: itemIds, datasetId } = query;
      const { fromStartTime: fromUs, toStartTime: toUs } = query;
      const filter = { projectId, ids, names, itemIds, datasetIds: datasetId, fromUs, toUs, conditions: query.filter };
      const found = await listExperimentItems(db, { filter, before: query.cursor, limit: limit + 1 });
      const rows = found.slice(0, limit);
      const fields = new Set<ExperimentItemField>(query.fields ?? ["core", "dataset"]);
      const judged = fields.has("scores") ? rows.map((row) => row.traceId) : [];
      const scoresOf = await scoresOfTraces(projectId, judged, query.scoreLimit);
      const data = rows.map((row) => presentExperimentItem(row, fields, scoresOf(row.traceId)));
      return c.json({ data, meta: cursorAfter(rows, found.length, ({ createdAt }) => createdAt) }, 200);
    });
}

const ALL_OF_SCORES = new Set(["details", "subject", "annotation"] as const);
const ALL_OF_EXPERIMENTS = new Set(["metadata", "scores"] as const);

/** Behind the last of the rows, unless nothing was found beyond them. */
function cursorAfter<Row extends { readonly id: string }>(
  rows: readonly Row[],
  found: number,
  timeOf: (row: Row) => number,
) {
  const last = found > rows.length ? rows.at(-1) : undefined;
  return last ? { cursor: encodeScoreCursor({ timestampUs: timeOf(last), id: last.id }) } : {};
}
