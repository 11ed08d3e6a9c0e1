import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import { boundedPaged, DeadLetter, DeadLetterDetail, DeadLetterReplay } from "@xtrace/contract";
import {
  countDeadLetters,
  DEAD_LETTER_STATES,
  discardDeadLetters,
  getDeadLetter,
  listDeadLetters,
  requestReplay,
} from "@xtrace/db";
import { AppError, requireScope } from "@xtrace/runtime";
import { createMiddleware } from "hono/factory";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentDeadLetter } from "../present/dead-letter.ts";
import { limitParam, pageParam, textParam } from "./query-params.ts";
import { readPage } from "./read-page.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

/** Matches are counted up to here; see BoundedPageMeta. */
const COUNT_BOUND = 10_000;
/** Characters of a payload in an answer. */
const MAX_PAYLOAD = 1_000_000;

const tags = ["dead letters"];
const params = z.object({ id: z.string() });

const listRoute = createRoute({
  method: "get",
  path: "/dead-letters",
  tags,
  summary: "What PostgreSQL refused, newest first",
  description: "Needs the scope `admin`, as all of dead letters do.",
  request: {
    query: z.object({
      page: pageParam(),
      limit: limitParam({ default: 50, max: 200 }),
      state: z.enum(DEAD_LETTER_STATES).optional(),
      reason: textParam("A SQLSTATE, or `other`."),
    }),
  },
  responses: { 200: json("One page of dead letters.", boundedPaged(DeadLetter)), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/dead-letters/{id}",
  tags,
  summary: "A dead letter with what is in it",
  request: { params },
  responses: { 200: json("The letter.", DeadLetterDetail), ...errorResponses(400, 401, 403, 404) },
});

const replayRoute = createRoute({
  method: "post",
  path: "/dead-letters/{id}/replay",
  tags,
  summary: "Have a letter written once more",
  description: "A worker does it within seconds; the letter then tells what came of it. Asking twice is harmless.",
  request: { params },
  responses: { 202: json("The letter as it is now.", DeadLetter), ...errorResponses(400, 401, 403, 404) },
});

const Requested = z.object({ requested: z.int().describe("Letters that wait for a worker now.") });

const replayManyRoute = createRoute({
  method: "post",
  path: "/dead-letters/replay",
  tags,
  summary: "Have letters written once more",
  request: { body: { required: true, content: { "application/json": { schema: DeadLetterReplay } } } },
  responses: { 202: json("How many are to be replayed.", Requested), ...errorResponses(400, 401, 403) },
});

const discardRoute = createRoute({
  method: "delete",
  path: "/dead-letters/{id}",
  tags,
  summary: "Give a letter up and forget what was in it",
  description: "The letter stays, without its payload, and cannot be replayed.",
  request: { params },
  responses: { 200: json("The letter as it is now.", DeadLetter), ...errorResponses(400, 401, 403, 404) },
});

const adminsOnly = createMiddleware<QueryEnv>(async function adminsOnly(c, next) {
  requireScope(c.get("identity"), "admin");
  await next();
});

/** Dead letters of the key's project. Marks what is to be replayed; workers write. */
export function deadLettersRoutes({ db }: Pick<QueryDeps, "db">): OpenAPIHono<QueryEnv> {
  async function find(projectId: string, id: string) {
    const letter = await getDeadLetter(db, { projectId, id, maxChars: MAX_PAYLOAD });
    if (!letter) throw new AppError("NOT_FOUND", "Dead letter not found within authorized project");
    return letter;
  }

  const router = createRouter();
  router.use("/dead-letters/*", adminsOnly);
  return router
    .openapi(listRoute, async (c) => {
      const { page, limit, state, reason } = c.req.valid("query");
      const filter = { projectId: c.get("identity").projectId, state, reason };
      const { rows, meta } = await readPage({
        page,
        limit,
        isFiltered: false,
        count: () => countDeadLetters(db, { filter, bound: COUNT_BOUND }),
        list: (range) => listDeadLetters(db, { filter, ...range }),
      });
      return c.json({ data: rows.map(presentDeadLetter), meta }, 200);
    })
    .openapi(findRoute, async (c) => {
      const letter = await find(c.get("identity").projectId, c.req.valid("param").id);
      const { payload, payloadBytes } = letter;
      const payloadCut = Buffer.byteLength(payload) < payloadBytes;
      return c.json({ ...presentDeadLetter(letter), payload, payloadCut }, 200);
    })
    .openapi(replayManyRoute, async (c) => {
      const wanted = c.req.valid("json");
      const requested = await requestReplay(db, { projectId: c.get("identity").projectId, ...filterOf(wanted) });
      return c.json({ requested: requested.length }, 202);
    })
    .openapi(replayRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { id } = c.req.valid("param");
      await requestReplay(db, { projectId, ids: [id] });
      return c.json(presentDeadLetter(await find(projectId, id)), 202);
    })
    .openapi(discardRoute, async (c) => {
      const { projectId } = c.get("identity");
      const { id } = c.req.valid("param");
      await discardDeadLetters(db, { projectId, ids: [id] });
      return c.json(presentDeadLetter(await find(projectId, id)), 200);
    });
}

function filterOf(wanted: z.infer<typeof DeadLetterReplay>) {
  return "ids" in wanted ? { ids: wanted.ids } : { reason: wanted.reason };
}
