import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { Score, ScoreList } from "@xtrace/contract";
import { countScores, findScore, isUnfiltered, listScores, narrowByTraces, type ScoreRow } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentScore, presentScoreTrace } from "../present/score.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { countBound, readPage } from "./read-page.ts";
import { filterOf, ScoreQuery, showsTrace } from "./score-query.ts";
import { scoresV3Routes } from "./scores-v3.ts";

const COUNT_COSTS = { sought: ["userId", "traceTags"] };

/** Scores by page, newest first. v1 shows what its clients know: scores of traces, and no corrections. */
export function scoresRoutes(deps: QueryDeps): OpenAPIHono<QueryEnv> {
  const { db } = deps;

  async function list(query: ScoreQuery, projectId: string, ofV1: boolean): Promise<ScoreList> {
    const { page, limit } = query;
    const asked = { ...filterOf(query, projectId), ofV1 };
    const narrowing = { ...asked, projectId: undefined, ofV1: undefined };
    const bound = countBound(narrowing, COUNT_COSTS);
    const { filter, counted } = await narrowByTraces(db, asked, bound);
    const { rows, meta } = await readPage({
      page,
      limit,
      isFiltered: !isUnfiltered(narrowing),
      count: async () => counted ?? (await countScores(db, { filter, bound })),
      list: (range) => listScores(db, { filter, ...range }),
    });
    const withTrace = showsTrace(query);
    const data = rows.map(({ score, trace }) => ({
      ...presentScore(score),
      ...(withTrace ? { trace: trace && presentScoreTrace(trace) } : {}),
    }));
    return { data, meta };
  }

  async function find(scoreId: string, projectId: string, ofV1: boolean): Promise<Score> {
    const row = await findScore(db, { projectId, scoreId });
    if (!row || (ofV1 && !isOfV1(row))) {
      throw new AppError("NOT_FOUND", "Score not found within authorized project");
    }
    return presentScore(row);
  }

  const router = createRouter();
  router.openapi(listRoute("/v2/scores"), async (c) =>
    c.json(await list(c.req.valid("query"), c.get("identity").projectId, false), 200),
  );
  router.openapi(findRoute("/v2/scores/{scoreId}"), async (c) =>
    c.json(await find(c.req.valid("param").scoreId, c.get("identity").projectId, false), 200),
  );
  router.openapi(listRoute("/scores"), async (c) =>
    c.json(await list(c.req.valid("query"), c.get("identity").projectId, true), 200),
  );
  router.openapi(findRoute("/scores/{scoreId}"), async (c) =>
    c.json(await find(c.req.valid("param").scoreId, c.get("identity").projectId, true), 200),
  );
  router.route("/", scoresV3Routes(deps));
  return router;
}

/** As `ofV1` of a list. */
function isOfV1({ traceId, dataType }: ScoreRow): boolean {
  return traceId !== null && dataType !== "CORRECTION";
}

function listRoute<const P extends string>(path: P) {
  return createRoute({
    method: "get",
    path,
    tags: ["scores"],
    summary: "Scores, newest first",
    request: { query: ScoreQuery },
    responses: { 200: json("One page of scores.", ScoreList), ...errorResponses(400, 401, 403) },
  });
}

function findRoute<const P extends string>(path: P) {
  return createRoute({
    method: "get",
    path,
    tags: ["scores"],
    summary: "A score by its id",
    request: { params: z.object({ scoreId: z.string() }) },
    responses: { 200: json("The score.", Score), ...errorResponses(401, 403, 404) },
  });
}
