import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import {
  Comment,
  COMMENT_OBJECT_TYPES,
  CommentList,
  CreateComment,
  CreatedComment,
  pageMeta,
  type CommentObjectType,
} from "@xtrace/contract";
import {
  createComment,
  findComment,
  getObservation,
  getSessionStart,
  getTrace,
  isPromptVersion,
  listComments,
  type Database,
} from "@xtrace/db";
import { AppError } from "@xtrace/runtime";
import { createRouter } from "../create-router.ts";
import { errorResponses, json } from "../openapi.ts";
import { presentComment } from "../present/comment.ts";
import { choiceParam } from "./choice-params.ts";
import { pageParam, strictLimitParam, textParam, timeParam } from "./query-params.ts";
import type { QueryDeps, QueryEnv } from "./route.ts";

const tags = ["comments"];

const CommentQuery = z
  .object({
    page: pageParam(),
    limit: strictLimitParam(),
    objectType: choiceParam(COMMENT_OBJECT_TYPES, "Comments on objects of this type."),
    objectId: textParam("Comments on this object; needs objectType."),
    authorUserId: textParam("Comments by this user."),
    fromTimestamp: timeParam("Comments made at or after this time."),
    toTimestamp: timeParam("Comments made before this time."),
  })
  .refine(({ objectId, objectType }) => objectId === undefined || objectType !== undefined, {
    path: ["objectType"],
    error: "expected with objectId",
  });

const createCommentRoute = createRoute({
  method: "post",
  path: "/comments",
  tags,
  summary: "Comment on a trace, an observation, a session or a prompt",
  request: { body: { required: true, content: { "application/json": { schema: CreateComment } } } },
  responses: { 200: json("The new comment's id.", CreatedComment), ...errorResponses(400, 401, 403, 404) },
});

const listRoute = createRoute({
  method: "get",
  path: "/comments",
  tags,
  summary: "Comments, newest first",
  request: { query: CommentQuery },
  responses: { 200: json("One page of comments.", CommentList), ...errorResponses(400, 401, 403) },
});

const findRoute = createRoute({
  method: "get",
  path: "/comments/{commentId}",
  tags,
  summary: "A comment by its id",
  request: { params: z.object({ commentId: z.string() }) },
  responses: { 200: json("The comment.", Comment), ...errorResponses(401, 403, 404) },
});

/** Comments. Source: Langfuse's, whose deletion with the object is the object's. */
export function commentsRoutes({ primary }: QueryDeps): OpenAPIHono<QueryEnv> {
  return createRouter()
    .openapi(createCommentRoute, async (c) => {
      const { objectType, objectId: named, content, authorUserId = null } = c.req.valid("json");
      const { projectId } = c.get("identity");
      const objectId = await storedIdOf(primary, projectId, objectType, named);
      if (objectId === undefined)
        throw new AppError("NOT_FOUND", `Reference object, ${objectType}: ${named} not found`);
      const id = await createComment(primary, { projectId, objectType, objectId, content, authorUserId });
      return c.json({ id }, 200);
    })
    .openapi(listRoute, async (c) => {
      const { page, limit, fromTimestamp: fromUs, toTimestamp: toUs, ...of } = c.req.valid("query");
      const { rows, total } = await listComments(primary, {
        filter: { ...of, projectId: c.get("identity").projectId, fromUs, toUs },
        limit,
        offset: (page - 1) * limit,
      });
      return c.json({ data: rows.map(presentComment), meta: pageMeta({ page, limit, totalItems: total }) }, 200);
    })
    .openapi(findRoute, async (c) => {
      const row = await findComment(primary, { projectId: c.get("identity").projectId, ...c.req.valid("param") });
      if (!row) throw new AppError("NOT_FOUND", "Comment not found within authorized project");
      return c.json(presentComment(row), 200);
    });
}

/** The object's own id, which may be another spelling; `undefined` where there is no such object. */
async function storedIdOf(
  db: Database,
  projectId: string,
  type: CommentObjectType,
  id: string,
): Promise<string | undefined> {
  switch (type) {
    case "TRACE":
      return (await getTrace(db, { projectId, traceId: id, withIo: false }))?.id;
    case "OBSERVATION":
      return (await getObservation(db, { projectId, observationId: id }))?.id;
    case "SESSION":
      return (await getSessionStart(db, { projectId, sessionId: id }))?.id;
    case "PROMPT":
      return (await isPromptVersion(db, { projectId, id })) ? id : undefined;
  }
}
