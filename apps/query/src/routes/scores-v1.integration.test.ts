import { ScoreList } from "@xtrace/contract";
import { scores } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, startRoutes, type Params, type RouteApp } from "../../test/route-app.ts";
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
  await app.db.insert(scores).values(rows.map((row) => scoreRow(projectId, row)));
}

async function idsOf(projectId: string, params: Params, path = "/scores"): Promise<string[]> {
  return (await app.read(ScoreList, path, params, projectId)).data.map(({ id }) => id);
}

describe("GET /scores", () => {
  test("shows no corrections, whose data type its clients do not know", async () => {
    const project = newProject();
    const correction = { dataType: "CORRECTION", value: null, stringValue: "better" } as const;
    await store(project, { id: "correction", ...correction }, { id: "text", dataType: "TEXT", stringValue: "x" });
    expect(await idsOf(project, {})).toEqual(["text"]);
    expect(await idsOf(project, { dataType: "CORRECTION" })).toEqual([]);
    expect(await idsOf(project, { dataType: "TEXT" })).toEqual(["text"]);
    expect((await app.get("/scores/correction", {}, project)).status).toBe(404);
    expect(await idsOf(project, { dataType: "CORRECTION" }, "/v2/scores")).toEqual(["correction"]);
  });

  test("lists and finds scores of traces only, whose traceId the old SDKs demand", async () => {
    const project = newProject();
    await store(project, { id: "session", traceId: null, sessionId: "s" }, { id: "trace" });
    expect(await idsOf(project, {})).toEqual(["trace"]);
    expect((await app.get("/scores/trace", {}, project)).body).toMatchObject({ id: "trace", traceId: "t" });
    expect((await app.get("/scores/session", {}, project)).status).toBe(404);
    expect(await idsOf(project, { name: "other" })).toEqual([]);
  });
});
