import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertObservations, insertScores, insertTraces } from "../../test/rows.ts";
import { SECOND_US, setupQuery, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

async function idsOf(project: TestProject, search: string): Promise<string[]> {
  const { status, body } = await project.get(`/api/public/traces?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.map(({ id }: { id: string }) => id);
}

describe("GET /api/public/traces", () => {
  test("answers every field of a full trace", async () => {
    const project = query.project({ id: "project/1" });
    await insertTraces(query.database.db, project.projectId, [
      {
        id: "trace 1",
        timestamp: T0_US + 678_901,
        name: "chat",
        userId: "u",
        sessionId: "s",
        release: "r",
        version: "v",
        environment: "prod",
        externalId: "x",
        public: true,
        bookmarked: true,
        tags: ["a", "b"],
        metadata: { k: [1] },
        input: "123",
        output: { answer: null },
        observationCount: 2,
        errorCount: 1,
        promptTokens: 3,
        completionTokens: 4,
        totalTokens: 7,
        totalCost: "0.000123",
        firstStartTime: T0_US,
        lastEndTime: T0_US + 1_500_000,
        createdAt: T0_US + SECOND_US,
        updatedAt: T0_US + 2 * SECOND_US,
      },
    ]);
    const { body } = await project.get("/api/public/traces");

    expect(body).toEqual({
      data: [
        {
          id: "trace 1",
          projectId: "project/1",
          timestamp: "2026-01-01T00:00:00.678Z",
          name: "chat",
          input: "123",
          output: { answer: null },
          metadata: { k: [1] },
          userId: "u",
          sessionId: "s",
          release: "r",
          version: "v",
          environment: "prod",
          tags: ["a", "b"],
          public: true,
          externalId: "x",
          bookmarked: true,
          htmlPath: "/project/project%2F1/traces/trace%201",
          createdAt: "2026-01-01T00:00:01.000Z",
          updatedAt: "2026-01-01T00:00:02.000Z",
          latency: 1.5,
          totalCost: 0.000123,
          observationCount: 2,
          errorCount: 1,
          promptTokens: 3,
          completionTokens: 4,
          totalTokens: 7,
          observations: [],
          scores: [],
        },
      ],
      meta: { page: 1, limit: 50, totalItems: 1, totalPages: 1, totalItemsExact: true },
    });
  });

  test("reads what was never said as its default", async () => {
    const project = query.project();
    await insertTraces(query.database.db, project.projectId, [{}]);
    const { body } = await project.get("/api/public/traces");
    expect(body.data[0]).toMatchObject({
      name: null,
      input: null,
      output: null,
      metadata: {},
      userId: null,
      environment: "default",
      tags: [],
      public: false,
      bookmarked: false,
      latency: 0,
      totalCost: 0,
    });
  });

  test("lists the ids of observations and scores, oldest first", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t1" }, { id: "t2", timestamp: T0_US - 1 }]);
    await insertObservations(db, project.projectId, "t1", [{ id: "late", startTime: T0_US + 1 }, { id: "early" }]);
    await insertScores(db, project.projectId, [
      { id: "second", traceId: "t1", timestamp: T0_US + 1 },
      { id: "first", traceId: "t1", observationId: "early" },
    ]);
    const { body } = await project.get("/api/public/traces");
    expect(body.data).toMatchObject([
      { id: "t1", observations: ["early", "late"], scores: ["first", "second"] },
      { id: "t2", observations: [], scores: [] },
    ]);
  });

  test.each([
    ["core", { io: false, lists: false, metrics: false }],
    ["nonsense", { io: false, lists: false, metrics: false }],
    ["core,io", { io: true, lists: false, metrics: false }],
    ["observations, scores", { io: false, lists: true, metrics: false }],
    ["metrics", { io: false, lists: false, metrics: true }],
    ["", { io: true, lists: true, metrics: true }],
  ])("fields=%s", async (fields, expected) => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t", input: 1, output: 2, metadata: { m: 3 }, totalCost: "5" }]);
    await insertObservations(db, project.projectId, "t", [{ id: "o" }]);
    await insertScores(db, project.projectId, [{ id: "s", traceId: "t" }]);
    const { body } = await project.get(`/api/public/traces?fields=${encodeURIComponent(fields)}`);
    const [item] = body.data;
    expect("input" in item && "output" in item && "metadata" in item).toBe(expected.io);
    expect("input" in item || "output" in item || "metadata" in item).toBe(expected.io);
    expect([item.observations, item.scores]).toEqual(expected.lists ? [["o"], ["s"]] : [[], []]);
    expect([item.latency, item.totalCost]).toEqual(expected.metrics ? [0, 5] : [-1, -1]);
  });

  test("takes empty parameters as absent", async () => {
    const project = query.project();
    await insertTraces(query.database.db, project.projectId, [{ id: "a" }, { id: "b", timestamp: T0_US + SECOND_US }]);
    const names = ["page", "limit", "orderBy", "userId", "fromTimestamp", "tags", "environment", "fields", "filter"];
    expect(await idsOf(project, names.map((name) => `${name}=`).join("&"))).toEqual(["b", "a"]);
  });

  test.each([
    ["page=0", "page"],
    ["page=x", "page"],
    ["page=1&page=2", "page"],
    ["limit=0", "limit"],
    ["limit=-1", "limit"],
    ["limit=ten", "limit"],
    ["limit=1.5", "limit"],
    ["orderBy=secret.desc", "orderBy"],
    ["orderBy=timestamp.sideways", "orderBy"],
    ["orderBy=timestamp.asc.desc", "orderBy"],
    ["orderBy=constructor.asc", "orderBy"],
    ["fromTimestamp=yesterday", "fromTimestamp"],
    ["toTimestamp=2026-01-01T00:00:00", "toTimestamp"],
    ["name=a&name=b", "name"],
    ["userId=a%00b", "userId"],
  ])("%s is refused by name", async (search, path) => {
    const { status, body } = await query.project().get(`/api/public/traces?${search}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ message: "Invalid request data", code: "BAD_REQUEST", details: [{ path }] });
    expect(body.error).toEqual([{ code: "custom", path: [path], message: body.details[0].message }]);
  });

  test("pages through traces of one instant without repeating or dropping any", async () => {
    const project = query.project();
    const ids = await insertTraces(
      query.database.db,
      project.projectId,
      Array.from({ length: 7 }, () => ({})),
    );
    const read: string[] = [];
    for (let page = 1; page <= 4; page += 1) read.push(...(await idsOf(project, `limit=2&page=${page}`)));
    expect(read).toEqual(ids.toSorted().toReversed());
  });

  test("tells the number of items and pages", async () => {
    const project = query.project();
    const rows = Array.from({ length: 5 }, (_, index) => ({ userId: index < 3 ? "u" : "w" }));
    await insertTraces(query.database.db, project.projectId, rows);
    const all = await project.get("/api/public/traces?limit=2&page=2");
    expect(all.body.meta).toEqual({ page: 2, limit: 2, totalItems: 5, totalPages: 3, totalItemsExact: true });
    const some = await project.get("/api/public/traces?limit=2&userId=u");
    expect(some.body.meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2, totalItemsExact: true });
  });
});
