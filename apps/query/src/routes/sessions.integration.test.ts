import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertTraces } from "../../test/rows.ts";
import { SECOND_US, setupQuery, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

/** s1 begins at 0 s in "prod" and goes on at 3 s; s2 begins at 1 s; s3 at 2 s with two traces at once. */
async function threeSessions(): Promise<TestProject> {
  const project = query.project();
  const at = (seconds: number) => T0_US + seconds * SECOND_US;
  await insertTraces(query.database.db, project.projectId, [
    { id: "1b", timestamp: at(3), sessionId: "s1", userId: "u2", totalCost: "0.2", promptTokens: 1, totalTokens: 3 },
    {
      id: "1a",
      timestamp: at(0),
      sessionId: "s1",
      userId: "u1",
      environment: "prod",
      totalCost: "0.1",
      completionTokens: 2,
      input: "hi",
    },
    { id: "2a", timestamp: at(1), sessionId: "s2" },
    { id: "3b", timestamp: at(2), sessionId: "s3" },
    { id: "3a", timestamp: at(2), sessionId: "s3" },
    { id: "none", timestamp: at(4) },
  ]);
  return project;
}

describe("GET /api/public/sessions", () => {
  test("answers each session once with sums over its traces, the newest beginning first", async () => {
    const project = await threeSessions();
    const { body } = await project.get("/api/public/sessions");
    expect(body.meta).toEqual({ page: 1, limit: 50, totalItems: 3, totalPages: 1, totalItemsExact: true });
    expect(body.data).toMatchObject([{ id: "s3", countTraces: 2 }, { id: "s2" }, { id: "s1" }]);
    expect(body.data[2]).toEqual({
      id: "s1",
      createdAt: "2026-01-01T00:00:00.000Z",
      projectId: project.projectId,
      environment: "prod",
      countTraces: 2,
      firstTimestamp: "2026-01-01T00:00:00.000Z",
      lastTimestamp: "2026-01-01T00:00:03.000Z",
      userIds: ["u1", "u2"],
      totalCost: 0.3,
      promptTokens: 1,
      completionTokens: 2,
      totalTokens: 3,
    });
  });

  test.each([
    ["limit=2", "s3 s2", 3],
    ["limit=2&page=2", "s1", 3],
    ["fromTimestamp=2026-01-01T00:00:01Z", "s3 s2", 2],
    ["toTimestamp=2026-01-01T00:00:01Z", "s1", 1],
    ["fromTimestamp=2026-01-01T00:00:03Z", "", 0],
    ["environment=prod", "s1", 1],
    ["environment=default", "s3 s2", 2],
    ["environment[]=default&environment=prod", "s3 s2 s1", 3],
  ])("%s", async (search, expected, totalItems) => {
    const { body } = await (await threeSessions()).get(`/api/public/sessions?${search}`);
    expect(body.data.map(({ id }: { id: string }) => id).join(" ")).toBe(expected);
    expect(body.meta.totalItems).toBe(totalItems);
  });

  test("refuses a bad parameter by name", async () => {
    const { status, body } = await query.project().get("/api/public/sessions?page=0&fromTimestamp=x");
    expect([status, body.details.map(({ path }: { path: string }) => path)]).toEqual([400, ["page", "fromTimestamp"]]);
  });

  test("shows nothing of another project", async () => {
    await threeSessions();
    const other = query.project();
    expect((await other.get("/api/public/sessions")).body).toMatchObject({ data: [], meta: { totalItems: 0 } });
    expect((await other.get("/api/public/sessions/s1")).status).toBe(404);
  });
});

describe("GET /api/public/sessions/{sessionId}", () => {
  test("answers the session with its traces, oldest first", async () => {
    const project = await threeSessions();
    const { status, body } = await project.get("/api/public/sessions/s1");
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "s1", environment: "prod", countTraces: 2, totalCost: 0.3 });
    expect(body.traces).toMatchObject([
      { id: "1a", sessionId: "s1", input: "hi", totalCost: 0.1 },
      { id: "1b", sessionId: "s1", input: null, totalCost: 0.2 },
    ]);
  });

  test("leaves out input and output when not asked for", async () => {
    const { body } = await (await threeSessions()).get("/api/public/sessions/s1?fields=core,metrics");
    expect(Object.keys(body.traces[0])).not.toContain("input");
    expect(body.traces[0].totalCost).toBe(0.1);
  });

  test("answers 404 for an unknown session", async () => {
    const { status, body } = await query.project().get("/api/public/sessions/nope");
    expect(status).toBe(404);
    expect(body).toMatchObject({ message: "Session nope not found within authorized project", code: "NOT_FOUND" });
  });
});
