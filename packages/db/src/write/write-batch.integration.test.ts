import { INGEST_JOB_VERSION, noEvents, stampOf, type CanonicalEvents, type IngestJob } from "@xtrace/contract";
import { createTestDatabase } from "@xtrace/testkit";
import { and, eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { openDatabase, type Database } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage, hourlyCounts } from "../schema/usage.ts";
import { metrics, metricSeries } from "../schema/metrics.ts";
import { writeBatch } from "./write-batch.ts";

async function setup() {
  const server = await createTestDatabase({ migrate: migrateDatabase });
  const database = openDatabase({ url: server.url, poolSize: 4, applicationName: "test", statementTimeoutMs: 10_000 });
  return {
    db: database.db,
    async [Symbol.asyncDispose]() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function job(events: Partial<CanonicalEvents>, projectId = "p"): IngestJob {
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events: { ...noEvents(), ...events } };
}

const T0 = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;

function generation(id: string, more: Record<string, unknown> = {}) {
  return {
    id,
    traceId: "t",
    stamp: stampOf(T0),
    type: "GENERATION" as const,
    startTimeUs: T0,
    endTimeUs: T0 + 1_500_000,
    model: "m",
    usageDetails: { input: 10, input_cached_tokens: 5, output: 3 },
    costDetails: { input: 0.1, output: 0.2 },
    ...more,
  };
}

async function totals(db: Database) {
  const [row] = await db
    .select()
    .from(traces)
    .where(and(eq(traces.projectId, "p"), eq(traces.id, "t")));
  return row;
}

describe("writeBatch", () => {
  test("stores what it was given, to the microsecond and with every type of JSON value", async () => {
    await using system = await setup();
    const input = { text: "hello", list: [1, null, { deep: true }], quoted: '{"a":1}' };
    await writeBatch(system.db, [
      job({
        traces: [
          { id: "t", stamp: stampOf(T0), timestampUs: T0 + 7, name: "chat", tags: ["b", "a"], input: '{"a":1}' },
        ],
        observations: [generation("o", { startTimeUs: T0 + 123_456, input, output: "123" })],
      }),
    ]);
    const [trace] = await system.db.select().from(traces);
    const [observation] = await system.db.select().from(observations);
    expect(trace).toMatchObject({ timestamp: T0 + 7, name: "chat", tags: ["a", "b"], input: '{"a":1}', stamps: null });
    expect(observation).toMatchObject({
      startTime: T0 + 123_456,
      input,
      output: "123",
      promptTokens: 15,
      completionTokens: 3,
      totalTokens: 18,
      totalCost: "0.3",
    });
  });

  test("makes a placeholder trace for an observation, which the trace itself later fills", async () => {
    await using system = await setup();
    await writeBatch(system.db, [job({ observations: [generation("o", { environment: "dev" })] })]);
    expect(await totals(system.db)).toMatchObject({
      name: null,
      timestamp: T0,
      environment: "dev",
      observationCount: 1,
    });
    await writeBatch(system.db, [
      job({ traces: [{ id: "t", stamp: stampOf(T0 + 9), timestampUs: T0 + 9, name: "named", environment: "prod" }] }),
    ]);
    expect(await totals(system.db)).toMatchObject({ name: "named", timestamp: T0 + 9, environment: "prod" });
  });

  test("dates a trace by the event where nobody said when, also by an event that only infers", async () => {
    await using system = await setup();
    const explicit = { id: "o", traceId: "t", stamp: stampOf(T0) };
    const inferred = { id: "o", traceId: "t", stamp: stampOf(T0, "inferred"), type: "GENERATION" as const };
    await writeBatch(system.db, [job({ observations: [explicit, inferred] })]);
    expect(await totals(system.db)).toMatchObject({ timestamp: T0, firstStartTime: T0 });
  });

  test("keeps totals and rollups exact through updates and replays", async () => {
    await using system = await setup();
    const first = job({ observations: [generation("a"), generation("b", { level: "ERROR" })] });
    const update = job({
      observations: [
        generation("a", {
          stamp: stampOf(T0 + 1),
          usageDetails: { input: 1, output: 1 },
          costDetails: { total: 1.25 },
        }),
      ],
    });
    for (const batch of [[first], [update], [first], [update, first]]) await writeBatch(system.db, batch);

    expect(await totals(system.db)).toMatchObject({
      observationCount: 2,
      errorCount: 1,
      promptTokens: 16,
      completionTokens: 4,
      totalTokens: 20,
      totalCost: "1.55",
      latency: 1.5,
    });
    expect(await system.db.select().from(dailyUsage)).toEqual([
      {
        projectId: "p",
        day: "2026-01-02",
        type: "GENERATION",
        model: "m",
        traceCount: 1,
        observationCount: 2,
        promptTokens: 16,
        completionTokens: 4,
        totalTokens: 20,
        totalCost: "1.55",
      },
    ]);
    const hour = Date.parse("2026-01-02T03:00:00Z") * 1000;
    expect(await system.db.select().from(hourlyCounts)).toEqual([
      { projectId: "p", hour, traceCount: 1, observationCount: 2, scoreCount: 0 },
    ]);
  });

  test("takes an observation out of a rollup that it no longer belongs to", async () => {
    await using system = await setup();
    await writeBatch(system.db, [job({ observations: [generation("a")] })]);
    await writeBatch(system.db, [job({ observations: [generation("a", { stamp: stampOf(T0 + 1), model: "other" })] })]);
    const rows = await system.db.select().from(dailyUsage).orderBy(dailyUsage.model);
    expect(rows.map(({ model, traceCount, observationCount }) => [model, traceCount, observationCount])).toEqual([
      ["m", 0, 0],
      ["other", 1, 1],
    ]);
  });

  test("shortens a trace when its last observation turns out to end earlier", async () => {
    await using system = await setup();
    await writeBatch(system.db, [
      job({ observations: [generation("a"), generation("b", { endTimeUs: T0 + 9_000_000 })] }),
    ]);
    expect(await totals(system.db)).toMatchObject({ latency: 9 });
    await writeBatch(system.db, [
      job({ observations: [generation("b", { stamp: stampOf(T0 + 1), endTimeUs: T0 + 2_000_000 })] }),
    ]);
    expect(await totals(system.db)).toMatchObject({ latency: 2 });
  });

  test("keeps projects apart though all their ids are equal", async () => {
    await using system = await setup();
    const events = { traces: [{ id: "t", stamp: 1, name: "mine" }], observations: [generation("o")] };
    await writeBatch(system.db, [job(events, "p"), job({ traces: [{ id: "t", stamp: 2, name: "theirs" }] }, "q")]);
    const rows = await system.db.select().from(traces).orderBy(traces.projectId);
    expect(rows.map(({ projectId, name, observationCount }) => [projectId, name, observationCount])).toEqual([
      ["p", "mine", 1],
      ["q", "theirs", 0],
    ]);
  });

  test("keeps one span id of two traces apart", async () => {
    await using system = await setup();
    await writeBatch(system.db, [
      job({ observations: [generation("s", { traceId: "t1" }), generation("s", { traceId: "t2" })] }),
    ]);
    const rows = await system.db.select().from(observations).orderBy(observations.traceId);
    expect(rows.map(({ traceId }) => traceId)).toEqual(["t1", "t2"]);
  });

  test("finds the trace of an update that does not name it, in the batch and in the store", async () => {
    await using system = await setup();
    await writeBatch(system.db, [
      job({
        observations: [{ id: "o", traceId: null, stamp: 2, name: "in the batch" }, generation("o", { stamp: 1 })],
      }),
    ]);
    await writeBatch(system.db, [job({ observations: [{ id: "o", traceId: null, stamp: 3, output: "stored" }] })]);
    await writeBatch(system.db, [job({ observations: [{ id: "lonely", traceId: null, stamp: 3 }] })]);
    const rows = await system.db.select().from(observations).orderBy(observations.id);
    expect(rows).toMatchObject([
      { id: "lonely", traceId: "lonely" },
      { id: "o", traceId: "t", name: "in the batch", output: "stored" },
    ]);
  });

  test("stores scores without their trace, and metric points once", async () => {
    await using system = await setup();
    const batch = job({
      scores: [
        {
          id: "s",
          stamp: 1,
          timestampUs: T0,
          name: "quality",
          dataType: "NUMERIC",
          value: 0.5,
          stringValue: null,
          traceId: "later",
          source: "API",
        },
      ],
      metrics: [
        {
          id: "00000000-0000-4000-8000-000000000001",
          name: "m",
          labels: { a: "b" },
          value: 1.5,
          timestampUs: T0,
          environment: "default",
        },
      ],
    });
    expect(await writeBatch(system.db, [batch])).toEqual({
      inserted: 2,
      updated: 0,
      counts: { stored: 2, merged: 0, deadLettered: 0 },
    });
    expect(await writeBatch(system.db, [batch])).toEqual({
      inserted: 0,
      updated: 0,
      counts: { stored: 0, merged: 2, deadLettered: 0 },
    });
    expect(await system.db.select().from(scores)).toMatchObject([{ id: "s", value: 0.5, traceId: "later" }]);
    expect(await system.db.select().from(metrics)).toMatchObject([{ name: "m", value: 1.5, labels: { a: "b" } }]);
  });

  test("tells the series of metric points by their environment and labels", async () => {
    await using system = await setup();
    const series = [
      ["prod", { a: "1", b: "2" }],
      ["prod", { b: "2", a: "1" }],
      ["prod", { a: "1" }],
      ["test", { a: "1" }],
      ["test", {}],
    ] as const;
    const points = series.map(([environment, labels], i) => ({
      id: `00000000-0000-4000-8000-00000000000${i}`,
      name: "m",
      labels: { ...labels },
      value: i,
      timestampUs: T0,
      environment,
    }));
    await writeBatch(system.db, [job({ metrics: points })]);
    const rows = await system.db.select({ series: metrics.series }).from(metrics).orderBy(metrics.value);
    const [first, second, ...others] = rows.map((row) => row.series);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
    expect(new Set([first, ...others]).size).toBe(4);

    await writeBatch(system.db, [
      job({ metrics: points.map((point) => ({ ...point, id: point.id.replace("8", "9") })) }),
    ]);
    const told = await system.db.select().from(metricSeries).orderBy(metricSeries.environment, metricSeries.labels);
    expect(told.map(({ environment, labels }) => [environment, labels])).toEqual([
      ["prod", { a: "1" }],
      ["prod", { a: "1", b: "2" }],
      ["test", {}],
      ["test", { a: "1" }],
    ]);
    expect(new Set(told.map((row) => row.series))).toEqual(new Set([first, ...others]));
  });

  test("leaves nothing behind when PostgreSQL refuses one value of the batch", async () => {
    await using system = await setup();
    const bad = job({ traces: [{ id: "bad", stamp: 1, name: "nul \u0000" }] });
    await expect(writeBatch(system.db, [job({ traces: [{ id: "good", stamp: 1 }] }), bad])).rejects.toThrow();
    expect(await system.db.select().from(traces)).toEqual([]);
  });

  test("lets eight writers of the same rows finish without a deadlock, with exact totals", async () => {
    await using system = await setup();
    const ids = Array.from({ length: 40 }, (_, index) => `o${index}`);
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let round = 0; round < 5; round++) {
        const shuffled = ids.toSorted(() => (writer % 2 === 0 ? 1 : -1));
        const events = shuffled.map((id, index) =>
          generation(id, { traceId: `t${index % 7}`, stamp: stampOf(T0 + writer) }),
        );
        await writeBatch(system.db, [job({ observations: events })]);
      }
    });
    await Promise.all(writers);
    const stored = await system.db.select().from(observations);
    const sums = await system.db.select().from(traces);
    const used = sums.flatMap(({ usageByDay }) => usageByDay ?? []);
    expect(sums.reduce((sum, row) => sum + row.observationCount, 0)).toBe(stored.length);
    expect(used.reduce((sum, [, , , observationCount]) => sum + observationCount, 0)).toBe(stored.length);
  });
});
