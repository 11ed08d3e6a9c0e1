import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { boundedPaged, ObservationView } from "@xtrace/contract";
import {
  addPromptIds,
  countObservations,
  getObservation,
  isUnfiltered,
  listObservations,
  withFewTraces,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentObservation } from "../present/observation.ts";
import { observationFilterOf, observationFilterParams } from "./observation-query.ts";
import { pageParam, strictLimitParam, textParam } from "./query-params.ts";
import { countBound, readPage } from "./read-page.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const listRoute = createRoute({
  method: "get",
  path: "/observations",
  tags: ["observations"],
  summary: "Observations, newest start first",
  request: {
    query: z.object({
      page: pageParam(),
      limit: strictLimitParam(),
      ...observationFilterParams,
      parentObservationId: textParam("The observation's parent."),
    }),
  },
  responses: {
    200: json("One page of observations.", boundedPaged(ObservationView)),
    ...errorResponses(400, 401, 403),
  },
});

const findRoute = createRoute({
  method: "get",
  path: "/observations/{observationId}",
  tags: ["observations"],
  summary: "An observation by its id",
  request: {
    params: z.object({
      observationId: z
        .string()
        .openapi({ description: "16 hex digits and the UUID that they make behind 16 zeros are the same id." }),
    }),
  },
  responses: { 200: json("The observation.", ObservationView), ...errorResponses(400, 401, 403, 404) },
});

const COUNT_COSTS = { sought: ["environments", "isRoot"] };

/** Observations by page, and one by its id. */
export function observationsRoutes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const { page, limit, parentObservationId, ...rest } = c.req.valid("query");
      const { projectId } = c.get("identity");
      const asked = observationFilterOf(rest, { parentObservationId });
      const filter = await withFewTraces(db, projectId, asked);
      const { rows, meta } = await readPage({
        page,
        limit,
        isFiltered: !isUnfiltered(asked),
        count: () => countObservations(db, { projectId, filter, bound: countBound(asked, COUNT_COSTS) }),
        list: (range) => listObservations(db, { projectId, filter, ...range }),
      });
      await addPromptIds(db, projectId, rows);
      return c.json({ data: rows.map(presentObservation), meta }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { observationId } = c.req.valid("param");
      const { projectId } = c.get("identity");
      const row = await getObservation(db, { projectId, observationId });
      if (!row) {
        throw new AppError("NOT_FOUND", `Observation ${observationId} not found within authorized project`);
      }
      await addPromptIds(db, projectId, [row]);
      return c.json(presentObservation(row), 200);
    });
}
