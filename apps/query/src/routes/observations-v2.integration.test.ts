import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertObservations, insertTraces } from "../../test/rows.ts";
import { setupQuery, T0_US, type Body, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

async function threeObservations(): Promise<TestProject> {
  const project = query.project();
  const { db } = query.database;
  await insertTraces(db, project.projectId, [
    { id: "t1", name: "trace", userId: "u1", sessionId: "s1", tags: ["x"], release: "r", public: true },
    { id: "t2" },
  ]);
  await insertObservations(db, project.projectId, "t1", [
    {
      id: "a",
      input: { q: 1 },
      output: "text",
      metadata: { short: "s", long: "x".repeat(300), list: [1], deep: { long: "y".repeat(300) } },
      model: "gpt-4o",
      usageDetails: { input: 1 },
      totalCost: "0.5",
      endTime: T0_US + 1_000_000,
      promptVersion: "2",
    },
    { id: "b", startTime: T0_US + 1, parentObservationId: "a" },
  ]);
  await insertObservations(db, project.projectId, "t2", [{ id: "c", startTime: T0_US + 1 }]);
  return project;
}

async function read(project: TestProject, search: string): Promise<Body> {
  const { status, body } = await project.get(`/api/public/v2/observations?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** Every observation has these, also without the group `model`. */
const NO_MODEL = { modelId: null, inputPrice: null, outputPrice: null, totalPrice: null };

describe("GET /api/public/v2/observations", () => {
  test("answers core and basic fields unless told otherwise", async () => {
    const body = await read(await threeObservations(), "traceId=t1&isRootObservation=true");
    expect(body).toEqual({
      data: [
        {
          id: "a",
          traceId: "t1",
          startTime: "2026-01-01T00:00:00.000Z",
          endTime: "2026-01-01T00:00:01.000Z",
          projectId: expect.any(String),
          parentObservationId: null,
          type: "SPAN",
          name: null,
          level: "DEFAULT",
          statusMessage: null,
          version: null,
          environment: "default",
          isRootObservation: true,
          bookmarked: false,
          public: true,
          userId: "u1",
          sessionId: "s1",
          ...NO_MODEL,
        },
      ],
      meta: {},
    });
  });

  test.each([
    ["core", NO_MODEL],
    ["time", { completionStartTime: null, ...NO_MODEL }],
    ["io", { input: '{"q":1}', output: "text" }],
    ["model", { model: "gpt-4o", providedModelName: "gpt-4o", internalModelId: null, modelParameters: null }],
    ["usage", { usageDetails: { input: 1 }, costDetails: { total: 0.5 }, totalCost: 0.5, usagePricingTierName: null }],
    ["prompt", { promptVersion: 2, promptName: null }],
    ["metrics", { latency: 1, timeToFirstToken: null }],
    ["trace_context", { traceName: "trace", tags: ["x"], release: "r" }],
  ])("fields=%s", async (fields, expected) => {
    const { data } = await read(await threeObservations(), `traceId=t1&isRootObservation=true&fields=${fields}`);
    expect(data).toMatchObject([expected]);
    expect(Object.keys(data[0])).not.toContain("environment");
  });

  test("counts as root what is marked as such, whatever its parent", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t" }]);
    const marked = (value: boolean) => ({ attributes: { "langfuse.internal.is_app_root": value } });
    await insertObservations(db, project.projectId, "t", [
      { id: "root" },
      { id: "child", parentObservationId: "root", metadata: { k: 1 } },
      { id: "app", parentObservationId: "elsewhere", metadata: marked(true) },
      { id: "no", parentObservationId: "elsewhere", metadata: marked(false) },
      { id: "bare", parentObservationId: "elsewhere", metadata: null },
    ]);
    const rootsOf = async (search: string): Promise<Array<[string, boolean]>> =>
      (await read(project, search)).data.map((row: { id: string; isRootObservation: boolean }) => [
        row.id,
        row.isRootObservation,
      ]);
    const idsOf = async (search: string) => (await rootsOf(search)).map(([id]) => id).toSorted();
    const roots = ["app", "root"];
    const others = ["bare", "child", "no"];
    expect(await idsOf("isRootObservation=true")).toEqual(roots);
    expect(await idsOf("isRootObservation=false")).toEqual(others);
    const filter = [{ type: "boolean", column: "isRootObservation", operator: "=", value: true }];
    expect(await idsOf(`filter=${encodeURIComponent(JSON.stringify(filter))}`)).toEqual(roots);
    expect(Object.fromEntries(await rootsOf(""))).toEqual({
      ...Object.fromEntries(roots.map((id) => [id, true])),
      ...Object.fromEntries(others.map((id) => [id, false])),
    });
    expect(await idsOf("parentObservationId=")).toEqual(["root"]);
  });

  test("cuts long metadata values unless their keys are named", async () => {
    const project = await threeObservations();
    const cut = await read(project, "isRootObservation=true&traceId=t1&fields=metadata");
    expect(cut.data[0].metadata).toEqual({
      short: "s",
      long: "x".repeat(200),
      list: [1],
      "deep.long": "y".repeat(200),
    });
    const full = await read(project, "isRootObservation=true&traceId=t1&fields=metadata&expandMetadata=long,deep");
    expect(full.data[0].metadata).toMatchObject({ long: "x".repeat(300), "deep.long": "y".repeat(300) });
  });

  test("reads everything once by cursor, also rows of one instant", async () => {
    const project = await threeObservations();
    const ids: string[] = [];
    let cursor: string | undefined = "";
    while (cursor !== undefined) {
      const body: Body = await read(project, `limit=1&cursor=${encodeURIComponent(cursor)}`);
      ids.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.meta.cursor;
    }
    expect(ids).toEqual(["c", "b", "a"]);
  });

  test("hands out Langfuse's cursor, to the microsecond", async () => {
    const { meta } = await read(await threeObservations(), "limit=2");
    const cursor = JSON.parse(Buffer.from(meta.cursor, "base64").toString());
    expect(cursor).toEqual({ lastStartTimeTo: "2026-01-01T00:00:00.000001Z", lastTraceId: "t1", lastId: "b" });
  });

  test.each([
    ["sessionId=s1", ["b", "a"]],
    ["userId=u1", ["b", "a"]],
    ["userId=u1&sessionId=s2", []],
    ["parentObservationId=", ["c", "a"]],
    ["parentObservationId=a", ["b"]],
    ["isRootObservation=false", ["b"]],
    ["limit=1000", ["c", "b", "a"]],
    ["parseIoAsJson=false", ["c", "b", "a"]],
  ])("%s", async (search, expected) => {
    const { data } = await read(await threeObservations(), search);
    expect(data.map(({ id }: { id: string }) => id)).toEqual(expected);
  });

  const cursorOf = (body: unknown) => encodeURIComponent(Buffer.from(JSON.stringify(body)).toString("base64"));
  test.each([
    ["cursor=garbage", "cursor"],
    [`cursor=${cursorOf({ lastStartTimeTo: "x", lastTraceId: "t", lastId: "o" })}`, "cursor"],
    [`cursor=${cursorOf({ lastStartTimeTo: "2026-01-01T00:00:00Z", lastTraceId: "t\u0000", lastId: "o" })}`, "cursor"],
    [`cursor=${cursorOf({ lastStartTimeTo: "9999-01-01T00:00:00Z", lastTraceId: "t", lastId: "o" })}`, "cursor"],
    ["parseIoAsJson=true", "parseIoAsJson"],
    ["limit=1001", "limit"],
    ["isRootObservation=perhaps", "isRootObservation"],
  ])("%s is refused by name", async (search, path) => {
    const { status, body } = await query.project().get(`/api/public/v2/observations?${search}`);
    expect([status, body.details?.[0]?.path]).toEqual([400, path]);
  });

  test("shows nothing of another project, whatever the cursor", async () => {
    const owner = await threeObservations();
    const { meta } = await read(owner, "limit=1");
    const other = await read(query.project(), `cursor=${encodeURIComponent(meta.cursor)}`);
    expect(other).toEqual({ data: [], meta: {} });
  });
});
