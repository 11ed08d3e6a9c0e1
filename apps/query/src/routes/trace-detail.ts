import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { TraceDetail } from "@xtrace/contract";
import { addPromptIds, getTrace, listScores, listTraceObservations } from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { printObservation } from "../present/observation.ts";
import { presentScore } from "../present/score.ts";
import { presentTrace } from "../present/trace.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { fieldsParam, traceFieldsOf } from "./trace-query.ts";

/** The rest of a larger trace is to be had from the list of observations. */
const MAX_OBSERVATIONS = 10_000;
const MAX_SCORES = 1_000;

const route = createRoute({
  method: "get",
  path: "/traces/{traceId}",
  tags: ["traces"],
  summary: "A trace with its observations and scores",
  request: {
    params: z.object({ traceId: z.string().openapi({ description: "A UUID and its 32 hex digits are the same id." }) }),
    query: z.object({ fields: fieldsParam }),
  },
  responses: { 200: json("The trace.", TraceDetail), ...errorResponses(400, 401, 403, 404) },
});

/** One trace and what hangs under it. */
export function traceDetailRoutes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const { traceId } = c.req.valid("param");
    const { projectId } = c.get("identity");
    const fields = traceFieldsOf(c.req.valid("query").fields);
    const row = await getTrace(db, { projectId, traceId, withIo: fields.io });
    if (!row) throw new AppError("NOT_FOUND", `Trace ${traceId} not found within authorized project`);

    const [observations, scores] = await Promise.all([
      fields.observations ? listTraceObservations(db, { projectId, traceId: row.id, limit: MAX_OBSERVATIONS }) : [],
      fields.scores ? listScores(db, { filter: { projectId, traceIds: [row.id], ofV1: true }, limit: MAX_SCORES }) : [],
    ]);
    await addPromptIds(db, projectId, observations);
    const trace = JSON.stringify({
      ...presentTrace(row, fields),
      scores: scores.map(({ score }) => presentScore(score)),
    });
    const body = `${trace.slice(0, -1)},"observations":[${observations.map(printObservation).join(",")}]}`;
    const answer: Response = c.body(body, 200, { "Content-Type": "application/json" });
    // The type of an answer that is printed already is whatever its maker says.
    return answer as ReturnType<typeof c.json<TraceDetail, 200>>;
  });
}
