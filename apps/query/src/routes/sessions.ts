import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { boundedPaged, Session, SessionDetail } from "@xtrace/contract";
import {
  countSessions,
  getSessionStart,
  listSessions,
  listSessionTraces,
  summarizeSessions,
  type SessionStart,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentSession } from "../present/session.ts";
import { presentTrace } from "../present/trace.ts";
import { listParam, pageParam, strictLimitParam, timeParam } from "./query-params.ts";
import { readPage } from "./read-page.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";
import { fieldsParam, traceFieldsOf } from "./trace-query.ts";

/** Matches are counted up to here; see BoundedPageMeta. */
const COUNT_BOUND = 1_000;
const MAX_TRACES = 10_000;
const MAX_USERS = 100;

const listRoute = createRoute({
  method: "get",
  path: "/sessions",
  tags: ["sessions"],
  summary: "Sessions, newest beginning first",
  description: "A session begins with its first trace; the filters are about that.",
  request: {
    query: z.object({
      page: pageParam(),
      limit: strictLimitParam(),
      fromTimestamp: timeParam("Begins at or after this time."),
      toTimestamp: timeParam("Begins before this time."),
      environment: listParam("Begins in one of these. Repeat the parameter for several."),
      "environment[]": listParam("As `environment`."),
    }),
  },
  responses: { 200: json("One page of sessions.", boundedPaged(Session)), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/sessions/{sessionId}",
  tags: ["sessions"],
  summary: "A session with its traces",
  request: { params: z.object({ sessionId: z.string() }), query: z.object({ fields: fieldsParam }) },
  responses: { 200: json("The session.", SessionDetail), ...errorResponses(400, 401, 403, 404) },
});

/** Sessions by page, and one with its traces. */
export function sessionsRoutes({ db }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(listRoute, async (c) => {
      const query = c.req.valid("query");
      const { projectId } = c.get("identity");
      const { page, limit } = query;
      const filter = {
        fromUs: query.fromTimestamp,
        toUs: query.toTimestamp,
        environments: [...query.environment, ...query["environment[]"]],
      };
      const { rows, meta } = await readPage({
        page,
        limit,
        isFiltered: false,
        count: () => countSessions(db, { projectId, filter, bound: COUNT_BOUND }),
        list: (range) => listSessions(db, { projectId, filter, ...range }),
      });
      return c.json({ data: await withSums(db, projectId, rows), meta }, 200);
    })
    .openapi(findRoute, async (c) => {
      const { sessionId } = c.req.valid("param");
      const { projectId } = c.get("identity");
      const fields = traceFieldsOf(c.req.valid("query").fields);
      const start = await getSessionStart(db, { projectId, sessionId });
      const [session] = start ? await withSums(db, projectId, [start]) : [];
      if (!session) throw new AppError("NOT_FOUND", `Session ${sessionId} not found within authorized project`);
      const rows = await listSessionTraces(db, { projectId, sessionId, limit: MAX_TRACES, withIo: fields.io });
      return c.json({ ...session, traces: rows.map((row) => presentTrace(row, fields)) }, 200);
    });
}

async function withSums(db: QueryDeps["db"], projectId: string, starts: readonly SessionStart[]): Promise<Session[]> {
  const sessionIds = starts.map(({ id }) => id);
  const summaries = await summarizeSessions(db, { projectId, sessionIds, maxUsers: MAX_USERS });
  const byId = new Map(summaries.map((summary) => [summary.id, summary]));
  return starts.flatMap((start) => {
    const summary = byId.get(start.id);
    // Deleted between the two queries.
    return summary ? [presentSession(projectId, start, summary)] : [];
  });
}
