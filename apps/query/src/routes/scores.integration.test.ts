import { ScoreList } from "@xtrace/contract";
import { scores, traces } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addToHours } from "../../test/hourly-counts.ts";
import { newProject, NOW_US, refused, startRoutes, type Params, type RouteApp } from "../../test/route-app.ts";
import { scoreRow, traceRow } from "../../test/route-rows.ts";
import { scoresRoutes } from "./scores.ts";

const MINUTE_US = 60_000_000;

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(scoresRoutes);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

async function store(projectId: string, ...rows: Array<Parameters<typeof scoreRow>[1]>) {
  const values = rows.map((row) => scoreRow(projectId, row));
  await app.db.insert(scores).values(values);
  await addToHours(
    app.db,
    projectId,
    "scoreCount",
    values.map(({ timestamp }) => timestamp),
  );
}

async function ask(projectId: string, params: Params = {}, path = "/v2/scores"): Promise<ScoreList> {
  return await app.read(ScoreList, path, params, projectId);
}

async function idsOf(projectId: string, params: Params, path?: string): Promise<string[]> {
  return (await ask(projectId, params, path)).data.map((score) => score.id);
}

describe("GET /v2/scores", () => {
  test("answers an empty page for a project without scores", async () => {
    expect(await app.get("/v2/scores", {}, newProject())).toEqual({
      status: 200,
      body: { data: [], meta: { page: 1, limit: 50, totalItems: 0, totalPages: 0, totalItemsExact: true } },
    });
  });

  test("shows every field, with the trace", async () => {
    const project = newProject();
    await app.db
      .insert(traces)
      .values(traceRow(project, { userId: "ada", tags: ["a", "b"], sessionId: "s", environment: "prod" }));
    await store(project, {
      id: "full",
      timestamp: NOW_US + 1_999,
      observationId: "o",
      sessionId: "s",
      datasetRunId: "run",
      comment: "fine",
      metadata: { by: { hand: true } },
      configId: "config",
      queueId: "queue",
      authorUserId: "author",
      environment: "prod",
      createdAt: NOW_US,
      updatedAt: NOW_US + MINUTE_US,
    });
    const body = await ask(project, {});
    expect(body.data).toEqual([
      {
        id: "full",
        projectId: project,
        name: "quality",
        dataType: "NUMERIC",
        value: 0.5,
        stringValue: null,
        source: "API",
        traceId: "t",
        observationId: "o",
        sessionId: "s",
        datasetRunId: "run",
        comment: "fine",
        metadata: { by: { hand: true } },
        configId: "config",
        queueId: "queue",
        authorUserId: "author",
        environment: "prod",
        timestamp: "2026-01-31T12:00:00.001Z",
        createdAt: "2026-01-31T12:00:00.000Z",
        updatedAt: "2026-01-31T12:01:00.000Z",
        trace: { userId: "ada", tags: ["a", "b"], environment: "prod", sessionId: "s" },
      },
    ]);
  });

  test("gives a number to all data types but a text, as the Python SDK demands", async () => {
    const project = newProject();
    await store(
      project,
      { id: "5", timestamp: NOW_US + 5, dataType: "NUMERIC", value: 0.25 },
      { id: "4", timestamp: NOW_US + 4, dataType: "BOOLEAN", value: 1, stringValue: "True" },
      { id: "3", timestamp: NOW_US + 3, dataType: "CATEGORICAL", value: null, stringValue: "good" },
      { id: "2", timestamp: NOW_US + 2, dataType: "CORRECTION", value: null, stringValue: "better" },
      { id: "1", timestamp: NOW_US + 1, dataType: "TEXT", value: null, stringValue: "words" },
    );
    const body = await ask(project, {});
    const shown = body.data.map((score) => [score.dataType, score.value, score.stringValue]);
    expect(shown).toEqual([
      ["NUMERIC", 0.25, null],
      ["BOOLEAN", 1, "True"],
      ["CATEGORICAL", 0, "good"],
      ["CORRECTION", 0, "better"],
      ["TEXT", null, "words"],
    ]);
  });

  test("says null for a trace that is unknown, and default for a missing environment", async () => {
    const project = newProject();
    await app.db.insert(traces).values(traceRow(project, { id: "known" }));
    await store(
      project,
      { id: "c", timestamp: NOW_US + 3, traceId: "known" },
      { id: "b", timestamp: NOW_US + 2, traceId: "unknown" },
      { id: "a", timestamp: NOW_US + 1, traceId: null, sessionId: "s" },
    );
    const body = await ask(project, {});
    expect(body.data.map((score) => score.trace)).toEqual([
      { userId: null, tags: [], environment: "default", sessionId: null },
      null,
      null,
    ]);
    expect(body.data[0]?.environment).toBe("default");
  });

  test("pages newest first, ids breaking ties, and counts all", async () => {
    const project = newProject();
    await store(
      project,
      { id: "a" },
      { id: "c" },
      { id: "b" },
      { id: "newest", timestamp: NOW_US + 1 },
      { id: "oldest", timestamp: 0 },
    );
    expect(await idsOf(project, { limit: 2 })).toEqual(["newest", "c"]);
    expect(await idsOf(project, { limit: 2, page: 2 })).toEqual(["b", "a"]);
    const last = await ask(project, { limit: 2, page: 3 });
    expect(last.data.map((score) => score.id)).toEqual(["oldest"]);
    expect(last.meta).toEqual({ page: 3, limit: 2, totalItems: 5, totalPages: 3, totalItemsExact: true });
    expect(await idsOf(project, { limit: 2, page: 4 })).toEqual([]);
  });

  test("refuses a limit over 100", async () => {
    expect(refused(await app.get("/v2/scores", { limit: 101 }, newProject()))).toEqual(["limit"]);
    expect((await ask(newProject(), { limit: 100 })).meta.limit).toBe(100);
  });

  test("filters by each field", async () => {
    const project = newProject();
    await store(project, { id: "plain" });
    const cases: Array<[Parameters<typeof scoreRow>[1], Params]> = [
      [{ name: "tone" }, { name: "tone" }],
      [{ source: "EVAL" }, { source: "EVAL" }],
      [{ dataType: "TEXT", value: null }, { dataType: "TEXT" }],
      [{ configId: "config" }, { configId: "config" }],
      [{ queueId: "queue" }, { queueId: "queue" }],
      [{ sessionId: "session" }, { sessionId: "session" }],
      [{ datasetRunId: "run" }, { datasetRunId: "run" }],
      [{ traceId: "trace" }, { traceId: "trace" }],
      [{ observationId: "o1" }, { observationId: "o0,o1, o2" }],
      [{ environment: "prod" }, { environment: "prod" }],
      [{ timestamp: NOW_US + MINUTE_US }, { fromTimestamp: "2026-01-31T12:01:00Z" }],
      [{ timestamp: NOW_US - MINUTE_US }, { toTimestamp: "2026-01-31T13:00:00+01:00" }],
      [{ value: 42 }, { value: 42, operator: "=" }],
    ];
    for (const [index, [row]] of cases.entries()) await store(project, { id: `case ${index}`, ...row });
    for (const [index, [, params]] of cases.entries()) {
      expect(await idsOf(project, params), JSON.stringify(params)).toEqual([`case ${index}`]);
    }
    expect(await idsOf(project, { scoreIds: "plain,case 1,nobody" })).toEqual(["plain", "case 1"]);
  });

  test("treats empty parameters as absent", async () => {
    const project = newProject();
    await store(project, { id: "a" });
    const empty = {
      name: "",
      userId: "",
      source: "",
      value: "",
      operator: "",
      scoreIds: ",",
      traceTags: "",
      fromTimestamp: "",
      fields: "",
    };
    expect(await idsOf(project, empty)).toEqual(["a"]);
  });

  test("takes several environments, and default for scores that named none", async () => {
    const project = newProject();
    await store(
      project,
      { id: "c", environment: "prod" },
      { id: "b", environment: null },
      { id: "a", environment: "test" },
    );
    expect(await idsOf(project, { environment: ["prod", "test"] })).toEqual(["c", "a"]);
    expect(await idsOf(project, { environment: "default" })).toEqual(["b"]);
  });

  test("finds a trace and an observation by either spelling of a UUID", async () => {
    const project = newProject();
    const hex = "5b8efff798038103d269b633813fc60c";
    const uuid = "5b8efff7-9803-8103-d269-b633813fc60c";
    await store(
      project,
      { id: "otlp", traceId: hex, observationId: "eee19b7ec3c1b174" },
      { id: "native", traceId: uuid },
    );
    expect(await idsOf(project, { traceId: uuid })).toEqual(["otlp", "native"]);
    expect(await idsOf(project, { traceId: hex })).toEqual(["otlp", "native"]);
    expect(await idsOf(project, { observationId: "00000000-0000-0000-eee1-9b7ec3c1b174" })).toEqual(["otlp"]);
  });

  test.each([
    ["=", ["2"]],
    ["!=", ["3", "1"]],
    [">", ["3"]],
    [">=", ["3", "2"]],
    ["<", ["1"]],
    ["<=", ["2", "1"]],
  ])("compares values with %s, and leaves out scores without a number", async (operator, expected) => {
    const project = newProject();
    await store(
      project,
      { id: "3", value: 3 },
      { id: "2", value: 2 },
      { id: "1", value: 1 },
      { id: "text", dataType: "TEXT", value: null, stringValue: "2" },
    );
    expect(await idsOf(project, { operator, value: 2 })).toEqual(expected);
  });

  test("takes a value without an operator as equal", async () => {
    const project = newProject();
    await store(project, { id: "b", value: -1.5 }, { id: "a", value: 1 });
    expect(await idsOf(project, { value: "-1.5" })).toEqual(["b"]);
  });

  test("filters by the trace's user and by all of its tags", async () => {
    const project = newProject();
    await app.db
      .insert(traces)
      .values([
        traceRow(project, { id: "t1", userId: "ada", tags: ["x", "y"] }),
        traceRow(project, { id: "t2", userId: "bob", tags: ["x"] }),
      ]);
    await store(project, { id: "2", traceId: "t2" }, { id: "1", traceId: "t1" }, { id: "0", traceId: "unknown" });
    expect(await idsOf(project, { userId: "ada" })).toEqual(["1"]);
    expect(await idsOf(project, { traceTags: "x" })).toEqual(["2", "1"]);
    expect(await idsOf(project, { traceTags: ["x", "y"] })).toEqual(["1"]);
    expect(await idsOf(project, { traceTags: "x", userId: "bob", fields: "score,trace" })).toEqual(["2"]);
  });

  test("leaves the trace out when only the score is asked for", async () => {
    const project = newProject();
    await store(project, { id: "a" });
    const body = await ask(project, { fields: "score" });
    expect(body.data[0]).not.toHaveProperty("trace");
    const both = await ask(project, { fields: "unknown" });
    expect(both.data[0]).toHaveProperty("trace");
  });

  test("names each bad parameter and quotes none", async () => {
    const bad = {
      page: 0,
      limit: "x",
      fromTimestamp: "yesterday",
      source: "NOBODY",
      operator: "; drop",
      value: "1e999",
      dataType: "?",
    };
    const answer = await app.get("/v2/scores", bad, newProject());
    expect(refused(answer).toSorted()).toEqual([
      "dataType",
      "fromTimestamp",
      "limit",
      "operator",
      "page",
      "source",
      "value",
    ]);
    expect(JSON.stringify(answer.body)).not.toContain("drop");
    expect(answer.body).toMatchObject({ code: "BAD_REQUEST", message: "Invalid request data" });
  });

  test("compares nothing with an operator alone", async () => {
    const project = newProject();
    await store(project, { id: "low", value: 0.1 }, { id: "high", value: 0.9 });
    expect(await ask(project, { operator: ">" })).toEqual(await ask(project));
    expect(await ask(project, { operator: ">" }, "/scores")).toMatchObject({ meta: { totalItems: 2 } });
    expect(refused(await app.get("/v2/scores", { operator: "about" }, project))).toEqual(["operator"]);
  });

  test("refuses trace filters without the trace", async () => {
    const project = newProject();
    expect(refused(await app.get("/v2/scores", { userId: "ada", fields: "score" }, project))).toEqual(["fields"]);
    expect(refused(await app.get("/v2/scores", { traceTags: "x", fields: "score" }, project))).toEqual(["fields"]);
  });

  test("survives hostile values", async () => {
    const long = "x".repeat(100_000);
    for (const name of [
      "name",
      "userId",
      "traceId",
      "observationId",
      "scoreIds",
      "environment",
      "traceTags",
      "configId",
    ]) {
      expect((await app.get("/v2/scores", { [name]: long }, newProject())).status, name).toBe(200);
      expect((await app.get("/v2/scores", { [name]: "a\u0000b" }, newProject())).status, name).toBe(400);
    }
    const manyIds = Array.from({ length: 70_000 }, (_, i) => `id${i}`).join(",");
    expect(
      (await app.get("/v2/scores", { scoreIds: manyIds, traceTags: ['"', "\\", "{a,b}", "NULL"] }, newProject()))
        .status,
    ).toBe(200);
    expect(
      (await app.get("/v2/scores", { page: 1_000_000_000, fromTimestamp: "0000-01-01T00:00:00Z" }, newProject()))
        .status,
    ).toBe(200);
  });

  test("never shows another project's scores or traces", async () => {
    const [mine, theirs] = [newProject(), newProject()];
    await app.db.insert(traces).values(traceRow(theirs, { userId: "ada", tags: ["x"] }));
    await store(mine, { id: "same" });
    await store(theirs, { id: "same", name: "theirs" }, { id: "other" });
    const body = await ask(mine, {});
    expect(body.data).toMatchObject([{ id: "same", projectId: mine, name: "quality", trace: null }]);
    expect(body.meta.totalItems).toBe(1);
    expect(await idsOf(mine, { userId: "ada" })).toEqual([]);
    expect(await idsOf(mine, { scoreIds: "other" })).toEqual([]);
  });
});

describe("GET /v2/scores/{scoreId}", () => {
  test("answers the score, without the trace", async () => {
    const project = newProject();
    await store(project, {
      id: "a/b c",
      dataType: "BOOLEAN",
      value: 0,
      stringValue: "False",
      traceId: null,
      sessionId: "s",
    });
    const { status, body } = await app.get(`/v2/scores/${encodeURIComponent("a/b c")}`, {}, project);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: "a/b c", value: 0, stringValue: "False", dataType: "BOOLEAN", sessionId: "s" });
    expect(body).not.toHaveProperty("trace");
  });

  test("answers 404 for what the project has not, as for what nobody has", async () => {
    const [mine, theirs] = [newProject(), newProject()];
    await store(theirs, { id: "theirs" });
    const answer = await app.get("/v2/scores/theirs", {}, mine);
    expect(answer).toEqual({
      status: 404,
      body: { message: "Score not found within authorized project", error: "LangfuseNotFoundError", code: "NOT_FOUND" },
    });
    expect(await app.get("/v2/scores/nobody", {}, mine)).toEqual(answer);
    expect((await app.get("/v2/scores/%00", {}, mine)).status).toBe(400);
  });
});
