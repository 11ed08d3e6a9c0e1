import { afterAll, beforeAll, expect, test } from "vitest";
import { insertObservations, insertScores, insertTraces } from "../../test/rows.ts";
import { setupQuery, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

/** A project with two traces, each with an observation and a score of its own. */
async function setup() {
  const { db } = query.database;
  const project = query.project({ scopes: ["read", "admin"] });
  await insertTraces(db, project.projectId, [{ id: "t1" }, { id: "t2" }]);
  for (const id of ["1", "2"]) {
    await insertObservations(db, project.projectId, `t${id}`, [{ id: `o${id}` }]);
    await insertScores(db, project.projectId, [{ id: `s${id}`, traceId: `t${id}` }]);
  }
  const idsOf = async (path: string) =>
    (await project.get(path)).body.data.map((row: { readonly id: string }) => row.id).toSorted();
  return { project, idsOf };
}

test("DELETE /traces/{id} takes along what hangs under the trace, and may be repeated", async () => {
  const { project, idsOf } = await setup();
  for (let times = 0; times < 2; times++) {
    const { status, body } = await project.send("DELETE", "/api/public/traces/t1");
    expect([status, body]).toEqual([200, { message: "Trace deleted successfully" }]);
  }
  expect((await project.get("/api/public/traces/t1")).status).toBe(404);
  expect((await project.get("/api/public/observations/o1")).status).toBe(404);
  expect((await project.get("/api/public/v2/scores/s1")).status).toBe(404);
  expect(await idsOf("/api/public/traces")).toEqual(["t2"]);
  expect(await idsOf("/api/public/observations")).toEqual(["o2"]);
  expect(await idsOf("/api/public/v2/scores")).toEqual(["s2"]);
});

test("DELETE /traces takes many, and no other project's", async () => {
  const { project, idsOf } = await setup();
  const other = await setup();
  const { status, body } = await project.send("DELETE", "/api/public/traces", { traceIds: ["t1", "t2", "t3"] });
  expect([status, body]).toEqual([200, { message: "Traces deleted successfully" }]);
  expect(await idsOf("/api/public/observations")).toEqual([]);
  expect(await other.idsOf("/api/public/observations")).toEqual(["o1", "o2"]);
});

test("DELETE /scores/{id} takes the score alone, and may be repeated", async () => {
  const { project, idsOf } = await setup();
  for (let times = 0; times < 2; times++) {
    const { status, body } = await project.send("DELETE", "/api/public/scores/s1");
    expect([status, body]).toEqual([202, { message: "Score deleted successfully" }]);
  }
  expect(await idsOf("/api/public/v2/scores")).toEqual(["s2"]);
  expect(await idsOf("/api/public/traces")).toEqual(["t1", "t2"]);
});

test.each([
  ["nothing named", {}],
  ["an empty list", { traceIds: [] }],
  ["a text", { traceIds: "t1" }],
  ["a number", { traceIds: [1] }],
  ["more than 1,000", { traceIds: Array.from({ length: 1_001 }, (_, index) => `t${index}`) }],
  ["an unknown key", { traceIds: ["t1"], all: true }],
  ["no body", undefined],
])("DELETE /traces with %s is refused and deletes nothing", async (_, body) => {
  const { project, idsOf } = await setup();
  const answer = await project.send("DELETE", "/api/public/traces", body);
  expect([answer.status, answer.body.code]).toEqual([400, "BAD_REQUEST"]);
  expect(await idsOf("/api/public/traces")).toEqual(["t1", "t2"]);
});

test("a key that only reads and writes deletes nothing", async () => {
  const { idsOf, project } = await setup();
  const writer = query.project({ id: project.projectId, scopes: ["read", "ingest"] });
  expect((await writer.send("DELETE", "/api/public/traces/t1")).status).toBe(403);
  expect((await writer.send("DELETE", "/api/public/scores/s1")).status).toBe(403);
  expect(await idsOf("/api/public/v2/scores")).toEqual(["s1", "s2"]);
});
