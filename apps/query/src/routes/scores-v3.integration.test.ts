import { ScoreV3List } from "@xtrace/contract";
import { scores } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addToHours } from "../../test/hourly-counts.ts";
import { newProject, NOW_US, refused, startRoutes, type Params, type RouteApp } from "../../test/route-app.ts";
import { scoreRow } from "../../test/route-rows.ts";
import { scoresRoutes } from "./scores.ts";

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

async function ask(projectId: string, params: Params = {}): Promise<ScoreV3List> {
  return await app.read(ScoreV3List, "/v3/scores", params, projectId);
}

async function idsOf(projectId: string, params: Params): Promise<string[]> {
  return (await ask(projectId, params)).data.map((score) => score.id);
}

describe("GET /v3/scores", () => {
  test("answers an empty page without a cursor", async () => {
    expect((await app.get("/v3/scores", {}, newProject())).body).toEqual({ data: [], meta: { limit: 50 } });
  });

  test("shows the core alone unless more is asked for", async () => {
    const project = newProject();
    await store(project, {
      id: "a",
      comment: "fine",
      metadata: { k: 1 },
      configId: "c",
      queueId: "q",
      authorUserId: "u",
    });
    const core = {
      id: "a",
      projectId: project,
      name: "quality",
      dataType: "NUMERIC",
      value: 0.5,
      source: "API",
      environment: "default",
      timestamp: "2026-01-31T12:00:00.000Z",
    };
    const [plain] = (await ask(project)).data;
    expect(plain).toMatchObject(core);
    const shown = [...Object.keys(core), "createdAt", "updatedAt"].toSorted();
    expect(Object.keys(plain ?? {}).toSorted()).toEqual(shown);
    expect((await ask(project, { fields: "core" })).data).toEqual([plain]);
    const [full] = (await ask(project, { fields: "details,annotation,subject" })).data;
    expect(full).toMatchObject({
      ...core,
      comment: "fine",
      metadata: { k: 1 },
      configId: "c",
      queueId: "q",
      authorUserId: "u",
      subject: { kind: "trace", id: "t" },
    });
  });

  test("types the value by the data type", async () => {
    const project = newProject();
    await store(
      project,
      { id: "7", timestamp: NOW_US + 7, dataType: "NUMERIC", value: 3 },
      { id: "6", timestamp: NOW_US + 6, dataType: "BOOLEAN", value: 1, stringValue: "True" },
      { id: "5", timestamp: NOW_US + 5, dataType: "BOOLEAN", value: 0, stringValue: "False" },
      { id: "4", timestamp: NOW_US + 4, dataType: "CATEGORICAL", value: 2, stringValue: "good" },
      { id: "3", timestamp: NOW_US + 3, dataType: "TEXT", value: null, stringValue: "words" },
      { id: "2", timestamp: NOW_US + 2, dataType: "CORRECTION", value: null, stringValue: null },
      { id: "1", timestamp: NOW_US + 1, dataType: "NUMERIC", value: null },
    );
    const { data } = await ask(project);
    expect(data.map((score) => score.value)).toEqual([3, true, false, "good", "words", "", 0]);
  });

  test("names the subject: the narrowest target", async () => {
    const project = newProject();
    await store(
      project,
      { id: "6", timestamp: NOW_US + 6, traceId: "t", observationId: "o" },
      { id: "5", timestamp: NOW_US + 5, traceId: null, observationId: "o" },
      { id: "4", timestamp: NOW_US + 4, traceId: "t", sessionId: "s" },
      { id: "3", timestamp: NOW_US + 3, traceId: null, sessionId: "s" },
      { id: "2", timestamp: NOW_US + 2, traceId: null, datasetRunId: "run" },
      { id: "1", timestamp: NOW_US + 1, traceId: null },
    );
    const { data } = await ask(project, { fields: "subject" });
    expect(data.map((score) => score.subject)).toEqual([
      { kind: "observation", id: "o", traceId: "t" },
      { kind: "observation", id: "o" },
      { kind: "trace", id: "t" },
      { kind: "session", id: "s" },
      { kind: "experiment", id: "run" },
      null,
    ]);
  });

  test("pages by cursor without repeating or dropping a score, also when times are equal", async () => {
    const project = newProject();
    await store(project, ...Array.from({ length: 7 }, (_, i) => ({ id: `s${i}`, timestamp: NOW_US + (i % 2) })));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { data, meta } = await ask(project, { limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...data.map((score) => score.id));
      cursor = meta.cursor;
      await store(project, { id: `newer than ${cursor}`, timestamp: NOW_US + 10 });
    } while (cursor !== undefined);
    expect(seen).toEqual(["s5", "s3", "s1", "s6", "s4", "s2", "s0"]);
  });

  test("filters by each field, any of several values", async () => {
    const project = newProject();
    await store(project, { id: "plain", traceId: null });
    const cases: Array<[Parameters<typeof scoreRow>[1], Params]> = [
      [{ id: "by id" }, { id: "by id,nobody" }],
      [{ name: "tone" }, { name: "tone,nobody" }],
      [{ source: "EVAL" }, { source: "eval,ANNOTATION" }],
      [{ dataType: "TEXT", value: null }, { dataType: "TEXT" }],
      [{ environment: "prod" }, { environment: "prod,test" }],
      [{ configId: "config" }, { configId: "config" }],
      [{ queueId: "queue" }, { queueId: "queue" }],
      [{ authorUserId: "author" }, { authorUserId: "author" }],
      [{ traceId: "t1" }, { traceId: "t1,t2" }],
      [
        { traceId: "t3", observationId: "o" },
        { traceId: "t3", observationId: "o" },
      ],
      [{ sessionId: "s" }, { sessionId: "s" }],
      [{ datasetRunId: "run" }, { experimentId: "run" }],
      [{ timestamp: NOW_US + 60_000_000 }, { fromTimestamp: "2026-01-31T12:01:00Z" }],
      [{ timestamp: NOW_US - 60_000_000 }, { toTimestamp: "2026-01-31T12:00:00Z" }],
      [{ value: 42 }, { dataType: "NUMERIC", value: "42,43" }],
      [{ value: -7 }, { dataType: "NUMERIC", valueMax: -7 }],
      [{ value: 100 }, { dataType: "NUMERIC", valueMin: 99.5, valueMax: 100 }],
      [
        { dataType: "BOOLEAN", value: 1 },
        { dataType: "BOOLEAN", value: "true" },
      ],
      [
        { dataType: "BOOLEAN", value: 0 },
        { dataType: "BOOLEAN", value: "false" },
      ],
      [
        { dataType: "CATEGORICAL", value: null, stringValue: "good" },
        { dataType: "CATEGORICAL", value: "good,bad" },
      ],
    ];
    for (const [index, [row]] of cases.entries()) await store(project, { id: `case ${index}`, traceId: null, ...row });
    for (const [index, [row, params]] of cases.entries()) {
      expect(await idsOf(project, params), JSON.stringify(params)).toEqual([row?.id ?? `case ${index}`]);
    }
  });

  test.each<[Params, string]>([
    [{ limit: 0 }, "limit"],
    [{ cursor: "not a cursor" }, "cursor"],
    [
      { cursor: Buffer.from('{"v":2,"lastTimestamp":"2026-01-01T00:00:00Z","lastId":"a"}').toString("base64url") },
      "cursor",
    ],
    [
      { cursor: Buffer.from('{"v":1,"lastTimestamp":"0000-01-01T00:00:00Z","lastId":"a"}').toString("base64url") },
      "cursor",
    ],
    [
      {
        cursor: Buffer.from('{"v":1,"lastTimestamp":"2026-01-01T00:00:00Z","lastId":"\\u0000"}').toString("base64url"),
      },
      "cursor",
    ],
    [{ fields: "details,io" }, "fields"],
    [{ source: "API,NOBODY" }, "source"],
    [{ dataType: "NUMBER" }, "dataType"],
    [{ value: "1" }, "value"],
    [{ value: "1", dataType: "NUMERIC,BOOLEAN" }, "value"],
    [{ value: "one", dataType: "NUMERIC" }, "value"],
    [{ value: "1", dataType: "BOOLEAN" }, "value"],
    [{ value: "words", dataType: "TEXT" }, "value"],
    [{ valueMin: 1 }, "valueMin"],
    [{ valueMax: 1, dataType: "BOOLEAN" }, "valueMax"],
    [{ valueMin: "NaN", dataType: "NUMERIC" }, "valueMin"],
    [{ observationId: "o" }, "observationId"],
    [{ traceId: "t", sessionId: "s" }, "sessionId"],
    [{ sessionId: "s", experimentId: "run" }, "experimentId"],
    [{ toTimestamp: "2026-01-01" }, "toTimestamp"],
    [{ userId: "ada" }, "userId"],
    [{ traceTags: ["a", "b"] }, "traceTags"],
  ])("refuses %j, naming %s", async (params, name) => {
    expect(refused(await app.get("/v3/scores", params, newProject()))).toEqual([name]);
  });

  test("takes empty parameters as absent", async () => {
    const project = newProject();
    await store(project, { id: "a" });
    const empty = { limit: "", cursor: "", fields: "", source: "", value: "", valueMin: "", traceId: "", userId: "" };
    expect(await idsOf(project, empty)).toEqual(["a"]);
  });

  test("never shows another project's scores", async () => {
    const [mine, theirs] = [newProject(), newProject()];
    await store(theirs, { id: "theirs" });
    expect(await idsOf(mine, {})).toEqual([]);
    expect(await idsOf(mine, { id: "theirs" })).toEqual([]);
  });
});
