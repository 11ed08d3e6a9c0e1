import { ScoreList } from "@xtrace/contract";
import { scores, traces } from "@xtrace/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, refused, startRoutes, type Params, type RouteApp } from "../../test/route-app.ts";
import { scoreRow, traceRow } from "../../test/route-rows.ts";
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

async function idsOf(projectId: string, params: Params): Promise<string[]> {
  return (await app.read(ScoreList, "/v2/scores", params, projectId)).data.map(({ id }) => id);
}

test("filters by conditions, together with the parameters", async () => {
  const project = newProject();
  await store(project, { id: "gold", metadata: { tier: "gold" }, value: 0.9 });
  await store(project, { id: "silver", metadata: { tier: "silver" }, value: 0.9 });
  await store(project, { id: "low", metadata: { tier: "gold" }, value: 0.1 });
  const isGold = { type: "stringObject", column: "metadata", key: "tier", operator: "=", value: "gold" };
  const isHigh = { type: "number", column: "value", operator: ">", value: 0.5 };
  expect(await idsOf(project, { filter: JSON.stringify([isGold, isHigh]) })).toEqual(["gold"]);
  expect(await idsOf(project, { filter: JSON.stringify([isHigh]), scoreIds: "silver,low" })).toEqual(["silver"]);
  const unknown = { ...isHigh, column: "secret" };
  const answer = await app.get("/v2/scores", { filter: JSON.stringify([isHigh, unknown]) }, project);
  expect(refused(answer)).toEqual(["filter.1.column"]);
});

test("filters by conditions on the judged trace", async () => {
  const project = newProject();
  const judged = { name: "chat", userId: "ada", tags: ["a", "b"] };
  await app.db.insert(traces).values([traceRow(project, judged), traceRow(project, { id: "other" })]);
  await store(project, { id: "hit" }, { id: "miss", traceId: "other" }, { id: "none", traceId: null, sessionId: "s" });
  for (const condition of [
    { type: "string", column: "traceName", operator: "=", value: "chat" },
    { type: "stringOptions", column: "userId", operator: "any of", value: ["ada"] },
    { type: "arrayOptions", column: "trace_tags", operator: "all of", value: ["a", "b"] },
    { type: "arrayOptions", column: "traceTags", operator: "any of", value: ["b"] },
    { type: "arrayOptions", column: "tags", operator: "any of", value: ["b"] },
  ]) {
    expect(await idsOf(project, { filter: JSON.stringify([condition]) }), condition.column).toEqual(["hit"]);
  }
  const isNone = { type: "arrayOptions", column: "tags", operator: "none of", value: ["a"] };
  expect((await idsOf(project, { filter: JSON.stringify([isNone]) })).toSorted()).toEqual(["miss", "none"]);
});

test("lets conditions go before the parameters on the same columns", async () => {
  const project = newProject();
  await store(project, { id: "a", name: "x" }, { id: "b", name: "y" });
  const filter = JSON.stringify([{ type: "string", column: "name", operator: "=", value: "y" }]);
  expect(await idsOf(project, { name: "x", filter })).toEqual(["b"]);
  expect(await idsOf(project, { scoreIds: "a", filter })).toEqual([]);
});
