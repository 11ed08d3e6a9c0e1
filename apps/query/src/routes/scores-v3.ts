import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { ScoreV3List } from "@xtrace/contract";
import { listScores } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentScoreV3 } from "../present/score-v3.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { encodeScoreCursor } from "./score-cursor.ts";
import { filterOfV3, ScoreV3Query } from "./score-v3-query.ts";

const route = createRoute({
  method: "get",
  path: "/v3/scores",
  tags: ["scores"],
  summary: "Scores by cursor, newest first",
  request: { query: ScoreV3Query },
  responses: { 200: json("The next scores.", ScoreV3List), ...errorResponses(400, 401, 403) },
});

/** Scores by cursor: every page costs the same, and scores that arrive meanwhile shift nothing. */
export function scoresV3Routes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const query = c.req.valid("query");
    const { limit } = query;
    const filter = filterOfV3(query, c.get("identity").projectId);
    const found = await listScores(db, { filter, limit: limit + 1, before: query.cursor });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1)?.score : undefined;
    const fields = new Set(query.fields);
    return c.json(
      {
        data: page.map(({ score }) => presentScoreV3(score, fields)),
        meta: { limit, ...(last ? { cursor: encodeScoreCursor({ timestampUs: last.timestamp, id: last.id }) } : {}) },
      },
      200,
    );
  });
}
