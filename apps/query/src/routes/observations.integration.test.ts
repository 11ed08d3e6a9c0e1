import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertObservations, insertTraces } from "../../test/rows.ts";
import { SECOND_US, setupQuery, T0_US, type TestProject, type TestQuery } from "../../test/setup-query.ts";

let query: TestQuery;
beforeAll(async () => {
  query = await setupQuery();
});
afterAll(() => query[Symbol.asyncDispose]());

const TRACE_HEX = "8f14e45fceea167a5a36dedd4bea2543";
const TRACE_UUID = "8f14e45f-ceea-167a-5a36-dedd4bea2543";
const PARENT_HEX = "00f067aa0ba902b7";
const PARENT_UUID = "00000000-0000-0000-00f0-67aa0ba902b7";

async function threeObservations(): Promise<TestProject> {
  const project = query.project();
  const { db } = query.database;
  await insertTraces(db, project.projectId, [{ id: TRACE_HEX, userId: "u1", sessionId: "s1" }, { id: "t2" }]);
  await insertObservations(db, project.projectId, TRACE_HEX, [
    {
      id: "a",
      name: "n1",
      type: "GENERATION",
      level: "ERROR",
      parentObservationId: PARENT_HEX,
      environment: "prod",
      version: "v1",
      model: "gpt-4o",
    },
    { id: "b", startTime: T0_US + SECOND_US, type: "SPAN", level: "DEFAULT" },
  ]);
  await insertObservations(db, project.projectId, "t2", [{ id: "c", startTime: T0_US + 2 * SECOND_US }]);
  return project;
}

async function idsOf(project: TestProject, search: string): Promise<string> {
  const { status, body } = await project.get(`/api/public/observations?${search}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.map(({ id }: { id: string }) => id).join("");
}

describe("GET /api/public/observations", () => {
  test.each([
    ["", "cba"],
    ["name=n1", "a"],
    ["userId=u1", "ba"],
    ["userId=nobody", ""],
    ["type=GENERATION", "a"],
    ["type=span", "cb"],
    [`traceId=${TRACE_HEX}`, "ba"],
    [`traceId=${TRACE_UUID}`, "ba"],
    ["level=ERROR", "a"],
    ["level=DEFAULT", "cb"],
    [`parentObservationId=${PARENT_HEX}`, "a"],
    [`parentObservationId=${PARENT_UUID}`, "a"],
    ["parentObservationId=", "cba"],
    ["environment=prod", "a"],
    ["environment=default", "cb"],
    ["environment[]=prod&environment=default", "cba"],
    ["fromStartTime=2026-01-01T00:00:01Z", "cb"],
    ["toStartTime=2026-01-01T00:00:01Z", "a"],
    ["version=v1", "a"],
    ["model=gpt-4o", "a"],
    ["limit=2", "cb"],
    ["limit=2&page=2", "a"],
    ["page=7", ""],
  ])("%s", async (search, expected) => {
    expect(await idsOf(await threeObservations(), search)).toBe(expected);
  });

  test.each([
    ["type=THOUGHT", "type"],
    ["level=LOUD", "level"],
    ["limit=0", "limit"],
    ["fromStartTime=now", "fromStartTime"],
    ["model=%00", "model"],
  ])("%s is refused by name", async (search, path) => {
    const { status, body } = await query.project().get(`/api/public/observations?${search}`);
    expect(status).toBe(400);
    expect(body.details).toMatchObject([{ path }]);
  });

  test("tells the number of items and pages", async () => {
    const project = await threeObservations();
    const all = await project.get("/api/public/observations?limit=2");
    expect(all.body.meta).toEqual({ page: 1, limit: 2, totalItems: 3, totalPages: 2, totalItemsExact: true });
    const some = await project.get("/api/public/observations?userId=u1&limit=1&page=2");
    expect(some.body.meta).toEqual({ page: 2, limit: 1, totalItems: 2, totalPages: 2, totalItemsExact: true });
  });

  test("shows nothing of another project", async () => {
    await threeObservations();
    const { body } = await query.project().get("/api/public/observations");
    expect(body).toMatchObject({ data: [], meta: { totalItems: 0 } });
  });
});

describe("GET /api/public/observations/{observationId}", () => {
  test("answers every field of a full generation", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t" }]);
    await insertObservations(db, project.projectId, "t", [
      {
        id: "g",
        type: "GENERATION",
        name: "call",
        startTime: T0_US,
        endTime: T0_US + 2_500_000,
        completionStartTime: T0_US + 250_000,
        parentObservationId: "p",
        level: "WARNING",
        statusMessage: "slow",
        version: "v",
        environment: "prod",
        model: "gpt-4o",
        modelParameters: { temperature: 0 },
        input: [{ role: "user", content: "hi" }],
        output: "hello",
        metadata: { k: "v" },
        usageDetails: { input: 10, input_cached: 5, output: 20, total: 35 },
        costDetails: { input: 0.1, input_cached: 0.2, output: 0.4, total: 0.7 },
        modelId: "own",
        appliedPrices: { tierId: "own-tier", tierName: "Long", input: 0.000_002_5, output: 0.000_01, total: null },
        usageUnit: "CHARACTERS",
        promptTokens: 15,
        completionTokens: 20,
        totalTokens: 35,
        totalCost: "0.7",
        promptId: "pid",
        promptName: "pn",
        promptVersion: "3",
        createdAt: T0_US,
        updatedAt: T0_US,
      },
    ]);
    const { status, body } = await project.get("/api/public/observations/g");

    expect(status).toBe(200);
    expect(body).toEqual({
      id: "g",
      traceId: "t",
      projectId: project.projectId,
      type: "GENERATION",
      name: "call",
      startTime: "2026-01-01T00:00:00.000Z",
      endTime: "2026-01-01T00:00:02.500Z",
      completionStartTime: "2026-01-01T00:00:00.250Z",
      parentObservationId: "p",
      level: "WARNING",
      statusMessage: "slow",
      version: "v",
      environment: "prod",
      model: "gpt-4o",
      modelParameters: { temperature: 0 },
      input: [{ role: "user", content: "hi" }],
      output: "hello",
      metadata: { k: "v" },
      usage: {
        input: 15,
        output: 20,
        total: 35,
        unit: "CHARACTERS",
        inputCost: 0.3,
        outputCost: 0.4,
        totalCost: 0.7,
      },
      usageDetails: { input: 10, input_cached: 5, output: 20, total: 35 },
      costDetails: { input: 0.1, input_cached: 0.2, output: 0.4, total: 0.7 },
      unit: "CHARACTERS",
      promptTokens: 15,
      completionTokens: 20,
      totalTokens: 35,
      calculatedInputCost: 0.3,
      calculatedOutputCost: 0.4,
      calculatedTotalCost: 0.7,
      promptId: "pid",
      promptName: "pn",
      promptVersion: 3,
      modelId: "own",
      inputPrice: 0.000_002_5,
      outputPrice: 0.000_01,
      totalPrice: null,
      usagePricingTierId: "own-tier",
      usagePricingTierName: "Long",
      latency: 2.5,
      timeToFirstToken: 0.25,
      createdAt: "2026-01-01T00:00:00.000Z",
      updatedAt: "2026-01-01T00:00:00.000Z",
    });
  });

  test("answers costs that were computed as those that were given, in every list", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t" }]);
    const costDetails = { input: 0.1, input_cached_tokens: 0.2, output: 0.4, total: 0.7 };
    const priced = { modelId: "m", appliedPrices: { tierId: "t", tierName: "S", input: 1e-9, output: 12, total: 3 } };
    const usage = { usageDetails: { input: 10, output: 20 }, promptTokens: 10, completionTokens: 20, totalTokens: 30 };
    await insertObservations(db, project.projectId, "t", [
      { id: "o", model: "gpt-4o", ...usage, ...priced, calculatedCosts: costDetails, totalCost: "0.7" },
    ]);
    const expected = {
      modelId: "m",
      inputPrice: 1e-9,
      outputPrice: 12,
      totalPrice: 3,
      usageDetails: { input: 10, output: 20, total: 30 },
      costDetails,
      calculatedInputCost: 0.3,
      calculatedOutputCost: 0.4,
      calculatedTotalCost: 0.7,
      usage: { input: 10, output: 20, total: 30, inputCost: 0.3, outputCost: 0.4, totalCost: 0.7 },
    };
    expect((await project.get("/api/public/observations/o")).body).toMatchObject(expected);
    expect((await project.get("/api/public/observations?traceId=t")).body.data).toMatchObject([expected]);
    expect((await project.get("/api/public/traces/t")).body.observations).toMatchObject([expected]);
    const { body } = await project.get("/api/public/v2/observations?traceId=t&fields=model,usage");
    expect(body.data).toMatchObject([
      {
        modelId: "m",
        internalModelId: "m",
        inputPrice: "0.000000001",
        outputPrice: "12",
        totalPrice: "3",
        usageDetails: expected.usageDetails,
        costDetails,
        totalCost: 0.7,
        usagePricingTierName: "S",
      },
    ]);
  });

  test("answers the total of given costs, also where the sender told none", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t" }]);
    await insertObservations(db, project.projectId, "t", [
      { id: "o", costDetails: { input: 0.1, output: 0.2 }, totalCost: "0.3" },
    ]);
    const { body } = await project.get("/api/public/observations/o");
    expect(body.costDetails).toEqual({ input: 0.1, output: 0.2, total: 0.3 });
  });

  test("answers an end before the start as an end at the start", async () => {
    const project = query.project();
    await insertTraces(query.database.db, project.projectId, [{ id: "t" }]);
    const times = { startTime: T0_US, endTime: T0_US - 5_000_000 };
    await insertObservations(query.database.db, project.projectId, "t", [{ id: "o", ...times }]);
    const { body } = await project.get("/api/public/observations/o");
    expect([body.endTime, body.latency]).toEqual([body.startTime, 0]);
    const { body: list } = await project.get("/api/public/v2/observations?traceId=t&fields=core,metrics");
    expect(list.data).toMatchObject([{ endTime: body.startTime, latency: 0 }]);
  });

  test("reads what was never said as its default", async () => {
    const project = query.project();
    await insertTraces(query.database.db, project.projectId, [{ id: "t" }]);
    await insertObservations(query.database.db, project.projectId, "t", [{ id: "o", promptVersion: "latest" }]);
    const { body } = await project.get("/api/public/observations/o");
    expect(body).toMatchObject({
      type: "SPAN",
      level: "DEFAULT",
      environment: "default",
      endTime: null,
      latency: null,
      timeToFirstToken: null,
      promptVersion: null,
      usage: { input: 0, output: 0, total: 0, unit: "TOKENS", inputCost: null, outputCost: null, totalCost: null },
      usageDetails: {},
      costDetails: {},
      promptTokens: 0,
      totalTokens: 0,
      calculatedTotalCost: null,
      input: null,
      metadata: {},
      modelParameters: null,
    });
  });

  test("finds a span id in 16 hex digits and as a padded UUID", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "t" }]);
    await insertObservations(db, project.projectId, "t", [
      { id: PARENT_HEX, name: "hex" },
      { id: "00000000-0000-0000-aaaa-bbbbccccdddd", name: "uuid" },
      { id: "0000000000000000eeeeffff00001111", name: "32 hex" },
    ]);
    const nameOf = async (id: string) => (await project.get(`/api/public/observations/${id}`)).body.name;
    expect(await nameOf(PARENT_HEX)).toBe("hex");
    expect(await nameOf(PARENT_UUID)).toBe("hex");
    expect(await nameOf(PARENT_UUID.replaceAll("-", ""))).toBe("hex");
    expect(await nameOf("aaaabbbbccccdddd")).toBe("uuid");
    expect(await nameOf("eeeeffff00001111")).toBe("32 hex");
  });

  test("answers the newest where two traces use one span id", async () => {
    const project = query.project();
    const { db } = query.database;
    await insertTraces(db, project.projectId, [{ id: "old" }, { id: "new" }]);
    await insertObservations(db, project.projectId, "new", [{ id: PARENT_HEX, startTime: T0_US + 1 }]);
    await insertObservations(db, project.projectId, "old", [{ id: PARENT_HEX, startTime: T0_US }]);
    expect((await project.get(`/api/public/observations/${PARENT_HEX}`)).body.traceId).toBe("new");
  });

  test("answers 404 for an unknown id and for another project's", async () => {
    const owner = await threeObservations();
    expect((await owner.get("/api/public/observations/nope")).status).toBe(404);
    const { status, body } = await query.project().get("/api/public/observations/a");
    expect([status, body.error]).toEqual([404, "LangfuseNotFoundError"]);
  });
});
