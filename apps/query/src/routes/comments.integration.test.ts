import { setTimeout as sleep } from "node:timers/promises";
import { Comment } from "@xtrace/contract";
import { createPrompt } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertObservations, insertTraces } from "../../test/rows.ts";
import { setupQuery, type Body, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

const TRACE_ID = "0123456789abcdef0123456789abcdef";

/** A project with a trace, an observation in it, and a session. */
async function setup(): Promise<TestProject> {
  const project = query.project({ scopes: ["read", "ingest", "admin"] });
  const { db } = query.database;
  await insertTraces(db, project.projectId, [{ id: TRACE_ID, sessionId: "session" }, { id: "other" }]);
  await insertObservations(db, project.projectId, TRACE_ID, [{ id: "observation" }]);
  return project;
}

function bodyOf(project: TestProject, more: Record<string, unknown> = {}) {
  return { projectId: project.projectId, objectType: "TRACE", objectId: TRACE_ID, content: "Well done", ...more };
}

async function create(project: TestProject, more: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await project.send("POST", "/api/public/comments", bodyOf(project, more));
  expect([status, Object.keys(body)]).toEqual([200, ["id"]]);
  return body.id;
}

test("a comment is read back by its id", async () => {
  const project = await setup();
  const id = await create(project, { content: "  Well *done*  ", authorUserId: "ada" });
  const { status, body } = await project.get(`/api/public/comments/${id}`);
  expect(status).toBe(200);
  expect(Comment.parse(body)).toEqual(body);
  expect(body).toMatchObject({ id, ...bodyOf(project), content: "Well *done*", authorUserId: "ada" });
  const other = await query.project().get(`/api/public/comments/${id}`);
  expect([other.status, other.body.error]).toEqual([404, "LangfuseNotFoundError"]);
});

test("comments are listed newest first, by object and by author", async () => {
  const project = await setup();
  const first = await create(project, { authorUserId: "ada" });
  const second = await create(project, { objectType: "OBSERVATION", objectId: "observation" });
  const third = await create(project, { objectType: "SESSION", objectId: "session", authorUserId: "ada" });
  const idsOf = async (params: string) => {
    const { body } = await project.get(`/api/public/comments?${params}`);
    return [body.data.map(({ id }: Body) => id), body.meta.totalItems];
  };
  expect(await idsOf("")).toEqual([[third, second, first], 3]);
  expect(await idsOf("limit=1&page=2")).toEqual([[second], 3]);
  expect(await idsOf("objectType=OBSERVATION")).toEqual([[second], 1]);
  expect(await idsOf("authorUserId=ada")).toEqual([[third, first], 2]);
  const uuid = "01234567-89ab-cdef-0123-456789abcdef";
  expect(await idsOf(`objectType=TRACE&objectId=${uuid}`)).toEqual([[first], 1]);
  expect(await idsOf("objectType=TRACE&objectId=other")).toEqual([[], 0]);
});

test("comments are listed by when they were made, from the first instant up to the last", async () => {
  const project = await setup();
  const made = new Map<string, string>();
  for (const content of ["one", "two", "three"]) {
    const id = await create(project, { content });
    made.set(content, (await project.get(`/api/public/comments/${id}`)).body.createdAt);
    await sleep(2);
  }
  const contentsOf = async (params: Record<string, string>) => {
    const { body } = await project.get(`/api/public/comments?${new URLSearchParams(params).toString()}`);
    expect(body.meta.totalItems).toBe(body.data.length);
    return body.data.map(({ content }: Body) => content);
  };
  const [one = "", two = "", three = ""] = made.values();
  expect(await contentsOf({ fromTimestamp: two })).toEqual(["three", "two"]);
  expect(await contentsOf({ fromTimestamp: one, toTimestamp: three })).toEqual(["two", "one"]);
  expect(await contentsOf({ toTimestamp: one })).toEqual([]);
});

test("comments on a trace and on its observations go with it", async () => {
  const project = await setup();
  await create(project, { objectId: "01234567-89ab-cdef-0123-456789abcdef" });
  await create(project, { objectType: "OBSERVATION", objectId: "observation" });
  const stays = await create(project, { objectId: "other" });
  await project.send("DELETE", `/api/public/traces/${TRACE_ID}`);
  const { body } = await project.get("/api/public/comments");
  expect(body.data.map(({ id }: Body) => id)).toEqual([stays]);
});

test.each([
  [{ objectId: "nobody's" }, 404],
  [{ objectType: "OBSERVATION", objectId: TRACE_ID }, 404],
  [{ objectType: "SESSION", objectId: "nobody's" }, 404],
  [{ objectType: "PROMPT", objectId: "nobody's" }, 404],
  [{ objectType: "trace" }, 400],
  [{ content: " " }, 400],
  [{ content: "x".repeat(5_001) }, 400],
  [{ projectId: undefined }, 400],
])("with %j nothing is created: %i", async (more, expected) => {
  const project = await setup();
  expect((await project.send("POST", "/api/public/comments", bodyOf(project, more))).status).toBe(expected);
  expect((await project.get("/api/public/comments")).body.meta.totalItems).toBe(0);
});

test("a version of a prompt can be commented on, by its project", async () => {
  const [project, other] = [await setup(), await setup()];
  const { projectId } = project;
  const version = { type: "text", prompt: "x", config: {}, labels: [], commitMessage: null, createdBy: "API" } as const;
  const { id } = await createPrompt(query.database.db, { ...version, projectId, name: "p" });
  const comment = await create(project, { objectType: "PROMPT", objectId: id });
  expect((await project.get(`/api/public/comments/${comment}`)).body).toMatchObject({
    objectType: "PROMPT",
    objectId: id,
  });
  const refused = await other.send(
    "POST",
    "/api/public/comments",
    bodyOf(other, { objectType: "PROMPT", objectId: id }),
  );
  expect(refused.status).toBe(404);
});

test.each(["objectId=x", "objectType=x", "fromTimestamp=now", "limit=101", "limit=0", "page=0"])(
  "?%s is refused",
  async (params) => {
    expect((await query.project().get(`/api/public/comments?${params}`)).status).toBe(400);
  },
);

test("an object of another project cannot be commented on", async () => {
  const [mine, theirs] = [await setup(), query.project({ scopes: ["ingest"] })];
  expect((await theirs.send("POST", "/api/public/comments", bodyOf(mine))).status).toBe(404);
});
