import { DailyMetricsList, INGEST_JOB_VERSION, noEvents, stampOf, type ObservationEvent } from "@xtrace/contract";
import { dailyUsage, hourlyCounts, traces, writeBatch } from "@xtrace/db";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, NOW_US, refused, startRoutes, type Params, type RouteApp } from "../../test/route-app.ts";
import { dailyUsageRow, traceRow, usageEntry } from "../../test/route-rows.ts";
import { metricsDailyRoutes } from "./metrics-daily.ts";

const DAY_US = 24 * 60 * 60 * 1_000_000;

let app: RouteApp;
beforeAll(async () => {
  app = await startRoutes(metricsDailyRoutes);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

/** Rows of the rollups, which the worker keeps; also day by day of trace t. */
async function storeRollups(
  projectId: string,
  days: Record<string, number>,
  usage: Array<Parameters<typeof dailyUsageRow>[1]>,
) {
  const counts = Object.entries(days).map(([day, traceCount]) => ({
    projectId,
    hour: Date.parse(`${day}T23:00:00Z`) * 1000,
    traceCount,
    observationCount: 0,
    scoreCount: 0,
  }));
  if (counts.length > 0) await app.db.insert(hourlyCounts).values(counts);
  if (usage.length > 0) await app.db.insert(dailyUsage).values(usage.map((row) => dailyUsageRow(projectId, row)));
}

async function ask(projectId: string, params: Params = {}): Promise<DailyMetricsList> {
  return await app.read(DailyMetricsList, "/metrics/daily", params, projectId);
}

async function datesOf(projectId: string, params: Params = {}): Promise<string[]> {
  return (await ask(projectId, params)).data.map((day) => day.date);
}

describe("GET /metrics/daily without a filter", () => {
  test("answers no days for a project without traces", async () => {
    expect(await ask(newProject())).toEqual({ data: [], meta: { page: 1, limit: 50, totalItems: 0, totalPages: 0 } });
  });

  test("shows a day: traces, observations of all types, generations by model", async () => {
    const project = newProject();
    await storeRollups(project, { "2026-01-31": 7 }, [
      {
        model: "cheap",
        traceCount: 2,
        observationCount: 5,
        promptTokens: 50,
        completionTokens: 5,
        totalTokens: 56,
        totalCost: "0.1",
      },
      { model: "dear", totalCost: "0.2" },
      { model: "", totalCost: "0" },
      { type: "SPAN", model: "", observationCount: 9, totalCost: "0" },
      { type: "EMBEDDING", model: "embed", observationCount: 2, totalCost: "0.000000000000000001" },
    ]);
    expect((await ask(project)).data).toEqual([
      {
        date: "2026-01-31",
        countTraces: 7,
        countObservations: 18,
        totalCost: 0.3,
        usage: [
          {
            model: "dear",
            inputUsage: 10,
            outputUsage: 3,
            totalUsage: 13,
            countTraces: 1,
            countObservations: 1,
            totalCost: 0.2,
          },
          {
            model: "cheap",
            inputUsage: 50,
            outputUsage: 5,
            totalUsage: 56,
            countTraces: 2,
            countObservations: 5,
            totalCost: 0.1,
          },
          {
            model: null,
            inputUsage: 10,
            outputUsage: 3,
            totalUsage: 13,
            countTraces: 1,
            countObservations: 1,
            totalCost: 0,
          },
        ],
      },
    ]);
  });

  test("joins days that have only traces with days that have only observations, newest first", async () => {
    const project = newProject();
    await storeRollups(project, { "2026-01-30": 1, "2026-01-28": 2 }, [{ day: "2026-01-31" }, { day: "2026-01-28" }]);
    const shown = (await ask(project)).data.map((day) => [day.date, day.countTraces, day.countObservations]);
    expect(shown).toEqual([
      ["2026-01-31", 0, 1],
      ["2026-01-30", 1, 0],
      ["2026-01-28", 2, 1],
    ]);
  });

  test("leaves out what went back to zero", async () => {
    const project = newProject();
    await storeRollups(project, { "2026-01-30": 0 }, [
      { day: "2026-01-29", observationCount: 0, traceCount: 0, totalCost: "0" },
    ]);
    expect(await ask(project)).toMatchObject({ data: [], meta: { totalItems: 0 } });
  });

  test("pages days and counts all of them, also beyond the last page", async () => {
    const project = newProject();
    await storeRollups(project, { "2026-01-31": 1, "2026-01-30": 1, "2026-01-29": 1 }, [
      { day: "2026-01-31", model: "a" },
      { day: "2026-01-31", model: "b" },
    ]);
    const meta = { limit: 2, totalItems: 3, totalPages: 2 };
    expect(await datesOf(project, { limit: 2 })).toEqual(["2026-01-31", "2026-01-30"]);
    expect(await ask(project, { limit: 2, page: 2 })).toMatchObject({
      data: [{ date: "2026-01-29", usage: [] }],
      meta: { page: 2, ...meta },
    });
    expect(await ask(project, { limit: 2, page: 3 })).toEqual({ data: [], meta: { page: 3, ...meta } });
  });

  test("shows the last 30 days by default, and whole days that the range touches", async () => {
    const project = newProject();
    const days = ["2025-12-31", "2026-01-01", "2026-01-02", "2026-01-30", "2026-01-31", "2026-02-01"];
    await storeRollups(project, Object.fromEntries(days.map((day) => [day, 1])), []);
    expect(await datesOf(project)).toEqual(["2026-01-31", "2026-01-30", "2026-01-02", "2026-01-01"]);
    expect(
      await datesOf(project, { fromTimestamp: "2026-01-30T23:59:59Z", toTimestamp: "2026-02-01T00:00:00.001Z" }),
    ).toEqual(["2026-02-01", "2026-01-31", "2026-01-30"]);
    expect(
      await datesOf(project, { fromTimestamp: "2026-01-01T00:00:00Z", toTimestamp: "2026-02-01T00:00:00Z" }),
    ).toEqual(["2026-01-31", "2026-01-30", "2026-01-02", "2026-01-01"]);
    expect(
      await datesOf(project, { fromTimestamp: "2026-01-02T02:00:00+03:00", toTimestamp: "2026-01-02T02:00:00+03:00" }),
    ).toEqual(["2026-01-01"]);
    expect(
      await datesOf(project, { fromTimestamp: "2026-01-31T10:00:00Z", toTimestamp: "2026-01-31T09:00:00Z" }),
    ).toEqual([]);
    expect(await datesOf(project, { toTimestamp: "2026-01-02T00:00:00Z" })).toEqual(["2026-01-01", "2025-12-31"]);
    expect(
      await datesOf(project, { fromTimestamp: "0001-01-01T00:00:00Z", toTimestamp: "9999-12-31T23:59:59Z" }),
    ).toHaveLength(6);
  });

  test("never reads another project's days", async () => {
    const [mine, theirs] = [newProject(), newProject()];
    await storeRollups(theirs, { "2026-01-31": 1 }, [{}]);
    expect((await ask(mine)).data).toEqual([]);
  });
});

describe("GET /metrics/daily of some traces", () => {
  const fields = { name: "chat", userId: "ada", version: "v1", release: "r1", tags: ["x", "y"], environment: "prod" };

  /** One trace with all fields, one without any, each on its own day and model, as the worker writes them. */
  async function storeTraces(project: string) {
    const { environment, ...ofTrace } = fields;
    const stamp = stampOf(NOW_US);
    const observation = (traceId: string, index: number, more: Partial<ObservationEvent>) => ({
      id: `${traceId}-${index}`,
      traceId,
      stamp,
      startTimeUs: NOW_US,
      ...more,
    });
    const generation = { type: "GENERATION", model: "m1" } as const;
    const spent = { usageDetails: { input: 10, output: 3 }, costDetails: { total: 0.1 } };
    const yesterday = NOW_US - DAY_US;
    const events = {
      ...noEvents(),
      traces: [
        { id: "t1", stamp, timestampUs: NOW_US, environment, ...ofTrace },
        { id: "t2", stamp, timestampUs: yesterday },
      ],
      observations: [
        observation("t1", 1, { ...generation, ...spent }),
        observation("t1", 2, generation),
        ...[3, 4, 5].map((index) => observation("t1", index, { type: "SPAN" })),
        observation("t2", 1, { ...generation, ...spent, model: "m2", startTimeUs: yesterday }),
      ],
    };
    await writeBatch(app.db, [{ v: INGEST_JOB_VERSION, projectId: project, receivedAtUs: NOW_US, events }]);
  }

  test.each<[Params]>([
    [{ traceName: "chat" }],
    [{ userId: "ada" }],
    [{ version: "v1" }],
    [{ release: "r1" }],
    [{ tags: "x" }],
    [{ tags: ["y", "x"] }],
    [{ "tags[]": ["y", "x"] }],
    [{ environment: "prod" }],
    [{ environment: ["prod", "test"] }],
    [{ "environment[]": ["prod", "test"] }],
    [{ traceName: "chat", userId: "ada", version: "v1", release: "r1", tags: ["x", "y"], environment: "prod" }],
  ])("filters by %j", async (params) => {
    const project = newProject();
    await storeTraces(project);
    expect(await ask(project, params)).toEqual({
      data: [
        {
          date: "2026-01-31",
          countTraces: 1,
          countObservations: 5,
          totalCost: 0.1,
          usage: [
            {
              model: "m1",
              inputUsage: 10,
              outputUsage: 3,
              totalUsage: 13,
              countTraces: 1,
              countObservations: 2,
              totalCost: 0.1,
            },
          ],
        },
      ],
      meta: { page: 1, limit: 50, totalItems: 1, totalPages: 1 },
    });
  });

  test.each<[Params]>([
    [{ traceName: "other" }],
    [{ userId: "bob" }],
    [{ tags: ["x", "z"] }],
    [{ environment: "test" }],
    [{ version: "v1", release: "r2" }],
  ])("finds nothing by %j", async (params) => {
    const project = newProject();
    await storeTraces(project);
    expect((await ask(project, params)).data).toEqual([]);
  });

  test("counts a trace without an environment as default", async () => {
    const project = newProject();
    await storeTraces(project);
    expect(await datesOf(project, { environment: "default" })).toEqual(["2026-01-30"]);
  });

  test("counts traces by their timestamps, usage by the observations' starts, in UTC days", async () => {
    const project = newProject();
    const midnight = Date.UTC(2026, 0, 30) * 1000;
    const used = (firstStartTime: number, lastEndTime: number, ...days: string[]) => ({
      firstStartTime,
      lastEndTime,
      usageByDay: days.map(usageEntry),
    });
    await app.db.insert(traces).values([
      traceRow(project, {
        id: "t1",
        userId: "ada",
        timestamp: midnight - 1,
        ...used(midnight, midnight + 1, "2026-01-30"),
      }),
      traceRow(project, {
        id: "t2",
        userId: "ada",
        timestamp: midnight,
        ...used(midnight, midnight + DAY_US, "2026-01-30", "2026-01-31"),
      }),
      traceRow(project, { id: "t3", userId: "ada", timestamp: midnight + DAY_US - 1 }),
    ]);
    const range = { fromTimestamp: "2026-01-30T12:00:00Z", toTimestamp: "2026-01-30T13:00:00Z" };
    expect((await ask(project, { userId: "ada", ...range })).data).toMatchObject([
      {
        date: "2026-01-30",
        countTraces: 2,
        countObservations: 2,
        usage: [{ countTraces: 2, countObservations: 2, totalCost: 0.2 }],
      },
    ]);
    expect(await datesOf(project, { userId: "ada" })).toEqual(["2026-01-31", "2026-01-30", "2026-01-29"]);
  });

  test("never reads another project's traces", async () => {
    const [mine, theirs] = [newProject(), newProject()];
    await storeTraces(theirs);
    await app.db.insert(traces).values(traceRow(mine, { id: "t1", ...fields }));
    expect((await ask(mine, { userId: "ada" })).data).toMatchObject([
      { countTraces: 1, countObservations: 0, usage: [] },
    ]);
  });
});

test("names each bad parameter", async () => {
  const bad = { page: "one", limit: 0, fromTimestamp: "2026-01-01", toTimestamp: "now" };
  expect(refused(await app.get("/metrics/daily", bad, newProject())).toSorted()).toEqual([
    "fromTimestamp",
    "limit",
    "page",
    "toTimestamp",
  ]);
});

test("lowers a limit over 200, and takes empty parameters as absent", async () => {
  const { meta } = await ask(newProject(), { limit: 201, traceName: "", tags: "", environment: "", fromTimestamp: "" });
  expect(meta.limit).toBe(200);
});

test("survives hostile values", async () => {
  const long = "x".repeat(100_000);
  for (const name of ["traceName", "userId", "tags", "environment", "version", "release"]) {
    expect((await ask(newProject(), { [name]: long })).data).toEqual([]);
    expect((await app.get("/metrics/daily", { [name]: "\u0000" }, newProject())).status, name).toBe(400);
  }
  expect((await ask(newProject(), { tags: ['"', "\\", "{", "NULL", ""], page: 1_000_000_000 })).data).toEqual([]);
});
