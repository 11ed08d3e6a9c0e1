import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { boundedPaged, TraceListItem } from "@xtrace/contract";
import { countTraces, isUnfiltered, listChildIds, listTraces, withTagsOfFew, type TraceRow } from "@xtrace/db";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentTrace, type TraceFields } from "../present/trace.ts";
import { countBound, readPage } from "./read-page.ts";
import { refuseLargePage } from "./refuse-large-page.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { traceFieldsOf, traceFilterOf, TraceQuery } from "./trace-query.ts";

const CHILD_IDS_PER_TRACE = 1_000;

const route = createRoute({
  method: "get",
  path: "/traces",
  tags: ["traces"],
  summary: "Traces, newest first",
  description: "Filters hold all together. Input, output and metadata are read only with the group `io`.",
  request: { query: TraceQuery },
  responses: { 200: json("One page of traces.", boundedPaged(TraceListItem)), ...errorResponses(400, 401, 403) },
});

const COUNT_COSTS = { fetched: ["tags"] };

/** Traces by page. */
export function tracesRoutes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter().openapi(route, async (c) => {
    const query = c.req.valid("query");
    refuseLargePage(c);
    const { projectId } = c.get("identity");
    const { page, limit, orderBy: order } = query;
    const asked = traceFilterOf(query);
    const filter = await withTagsOfFew(db, projectId, asked);
    const fields = traceFieldsOf(query.fields);
    const { rows, meta } = await readPage({
      page,
      limit,
      isFiltered: !isUnfiltered(asked),
      count: () => countTraces(db, { projectId, filter, bound: countBound(asked, COUNT_COSTS) }),
      list: (range) => listTraces(db, { projectId, filter, order, ...range, withIo: fields.io }),
    });
    return c.json({ data: await withChildIds({ db, projectId, rows, fields }), meta }, 200);
  });
}

async function withChildIds(options: {
  readonly db: QueryDeps["db"];
  readonly projectId: string;
  readonly rows: readonly TraceRow[];
  readonly fields: TraceFields;
}): Promise<TraceListItem[]> {
  const { db, projectId, rows, fields } = options;
  const traceIds = rows.map(({ id }) => id);
  const idsOf = async (of: "observations" | "scores") =>
    fields[of] ? await listChildIds(db, { projectId, of, traceIds, perTrace: CHILD_IDS_PER_TRACE }) : undefined;
  const [observations, scores] = await Promise.all([idsOf("observations"), idsOf("scores")]);
  return rows.map((row) => ({
    ...presentTrace(row, fields),
    observations: observations?.get(row.id) ?? [],
    scores: scores?.get(row.id) ?? [],
  }));
}
