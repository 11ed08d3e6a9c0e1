import { INGEST_JOB_VERSION, noEvents, stampOf, type IngestJob } from "@xtrace/contract";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setupDatabase, type TestDatabase } from "../../test/setup-database.ts";
import type { ModelDefinition } from "../prices/model-definition.ts";
import { createPriceBook, type PriceBook } from "../prices/price-book.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage } from "../schema/usage.ts";
import { writeBatch } from "./write-batch.ts";

const T0 = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000;

let system: TestDatabase;
beforeAll(async () => {
  system = await setupDatabase();
});
afterAll(() => system[Symbol.asyncDispose]());

function generation(projectId: string, more: Record<string, unknown> = {}, stamp = 0): IngestJob {
  const event = { id: "o", traceId: "t", stamp: stampOf(T0 + stamp), type: "GENERATION", startTimeUs: T0, ...more };
  const events = { ...noEvents(), observations: [event as IngestJob["events"]["observations"][number]] };
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events };
}

function own(projectId: string, price: number): PriceBook {
  const tier = { id: "tier", name: "Standard", isDefault: true, priority: 0, conditions: [], prices: { input: price } };
  const model: ModelDefinition = {
    id: "own",
    projectId,
    modelName: "own",
    matchPattern: "(?i)^gpt-4o$",
    startDate: null,
    unit: "TOKENS",
    tokenizerId: null,
    tokenizerConfig: null,
    pricingTiers: [tier],
    createdAt: T0,
  };
  return createPriceBook([model]);
}

async function read(projectId: string) {
  const [observation] = await system.db.select().from(observations).where(eq(observations.projectId, projectId));
  const [trace] = await system.db.select().from(traces).where(eq(traces.projectId, projectId));
  const [day] = await system.db.select().from(dailyUsage).where(eq(dailyUsage.projectId, projectId));
  return { observation, traceCost: trace?.totalCost, dayCost: day?.totalCost };
}

const USAGE = { input: 3, input_cached_tokens: 1, output: 7 };

test("usage of a known model costs what its prices say, to the last digit, also in the sums over it", async () => {
  await writeBatch(system.db, [generation("known", { model: "gpt-4o", usageDetails: USAGE })]);
  const { observation, traceCost, dayCost } = await read("known");
  expect(observation).toMatchObject({
    modelId: "openai.gpt-4o",
    appliedPrices: { tierName: "Standard", input: 0.000_002_5, output: 0.000_01, total: null },
    calculatedCosts: { input: 0.000_007_5, input_cached_tokens: 0.000_001_25, output: 0.000_07, total: 0.000_078_75 },
    costDetails: null,
    totalCost: "0.00007875",
  });
  expect([traceCost, dayCost]).toEqual(["0.00007875", "0.00007875"]);
});

test("a given cost stays, whatever prices say", async () => {
  await writeBatch(system.db, [
    generation("given", { model: "gpt-4o", usageDetails: USAGE, costDetails: { input: 0.1, output: 0.2 } }),
  ]);
  const { observation, traceCost } = await read("given");
  expect(observation).toMatchObject({ modelId: "openai.gpt-4o", calculatedCosts: null, totalCost: "0.3" });
  expect(traceCost).toBe("0.3");
});

test("a cost that is given later replaces what was computed, in the sums too", async () => {
  await writeBatch(system.db, [generation("later", { model: "gpt-4o", usageDetails: USAGE })]);
  await writeBatch(system.db, [generation("later", { costDetails: { total: 5 } }, 1)]);
  const { observation, traceCost, dayCost } = await read("later");
  expect(observation).toMatchObject({ calculatedCosts: null, totalCost: "5" });
  expect([traceCost, dayCost].map(Number)).toEqual([5, 5]);
});

test("model and usage that come apart have a cost when both are there", async () => {
  await writeBatch(system.db, [generation("apart", { usageDetails: USAGE }, 1)]);
  expect((await read("apart")).observation).toMatchObject({ modelId: null, totalCost: null });
  await writeBatch(system.db, [generation("apart", { model: "gpt-4o" })]);
  expect((await read("apart")).observation).toMatchObject({ modelId: "openai.gpt-4o", totalCost: "0.00007875" });
  await writeBatch(system.db, [generation("apart", { model: null }, 2)]);
  const { observation, traceCost } = await read("apart");
  expect(observation).toMatchObject({ modelId: null, appliedPrices: null, calculatedCosts: null, totalCost: null });
  expect(Number(traceCost)).toBe(0);
});

test("no cost without usage, without a known model, or without a price for what was used", async () => {
  await writeBatch(system.db, [
    generation("no-usage", { model: "gpt-4o" }),
    generation("unknown", { model: "my-model", usageDetails: USAGE }),
    generation("unpriced", { model: "gpt-4o", usageDetails: { seconds: 3 } }),
  ]);
  expect((await read("no-usage")).observation).toMatchObject({ modelId: "openai.gpt-4o", totalCost: null });
  expect((await read("unknown")).observation).toMatchObject({ modelId: null, totalCost: null });
  expect((await read("unpriced")).observation).toMatchObject({ modelId: "openai.gpt-4o", totalCost: null });
});

test("a total alone is priced as input where only input has a price, also in the sums over it", async () => {
  await writeBatch(system.db, [generation("total", { model: "text-embedding-3-small", usageDetails: { total: 6 } })]);
  const { observation, traceCost, dayCost } = await read("total");
  expect(observation).toMatchObject({
    modelId: "openai.text-embedding-3-small",
    usageDetails: { total: 6 },
    promptTokens: null,
    totalTokens: 6,
    calculatedCosts: { input: 0.000_000_12, total: 0.000_000_12 },
    totalCost: "0.00000012",
  });
  expect([traceCost, dayCost]).toEqual(["0.00000012", "0.00000012"]);
  await writeBatch(system.db, [generation("total", { costDetails: { total: 5 } }, 1)]);
  expect((await read("total")).observation).toMatchObject({ calculatedCosts: null, totalCost: "5" });
});

test("what was written keeps its cost until it is written anew", async () => {
  await writeBatch(system.db, [generation("kept", { model: "GPT-4o", usageDetails: { input: 2 } })], own("kept", 0.1));
  expect((await read("kept")).observation).toMatchObject({ modelId: "own", totalCost: "0.2" });
  await writeBatch(system.db, [generation("other", { model: "gpt-4o" })], own("kept", 0.5));
  expect((await read("kept")).observation).toMatchObject({ totalCost: "0.2" });
  await writeBatch(system.db, [generation("kept", { name: "again" }, 1)], own("kept", 0.5));
  const { observation, traceCost, dayCost } = await read("kept");
  expect(observation).toMatchObject({ modelId: "own", appliedPrices: { input: 0.5 }, totalCost: "1" });
  expect([traceCost, dayCost].map(Number)).toEqual([1, 1]);
});

test("a replay at the same prices changes nothing", async () => {
  const job = generation("replayed", { model: "gpt-4o", usageDetails: USAGE });
  await writeBatch(system.db, [job]);
  expect(await writeBatch(system.db, [job])).toMatchObject({ inserted: 0, updated: 0 });
});
