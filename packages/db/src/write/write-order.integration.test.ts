import {
  INGEST_JOB_VERSION,
  noEvents,
  stampOf,
  type CanonicalEvents,
  type IngestJob,
  type PricingCondition,
  type Rank,
} from "@xtrace/contract";
import { createTestDatabase } from "@xtrace/testkit";
import { and, eq, gt, or } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openDatabase, type Database } from "../client.ts";
import { migrateDatabase } from "../migrate.ts";
import type { ModelDefinition } from "../prices/model-definition.ts";
import { createPriceBook } from "../prices/price-book.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import { dailyUsage, facetUsage, hourlyCounts } from "../schema/usage.ts";
import { writeBatch } from "./write-batch.ts";

/** Just before midnight, so that times fall on two days. */
const T0 = Date.UTC(2026, 0, 3) * 1_000 - 2;

/** Few distinct values and stamps, so that ties and conflicts are common. */
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const time = fc.integer({ min: T0, max: T0 + 3 });
const stamp = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom<Rank>("inferred", "derived", "explicit", "explicit"))
  .map(([timeUs, rank]) => stampOf(T0 + timeUs, rank));
const text = fc.constantFrom("x", "y");
const metadata = fc.dictionary(
  fc.constantFrom("a", "b"),
  fc.oneof(fc.nat(2), fc.dictionary(fc.constantFrom("c"), fc.nat(2))),
);
const environment = optional(fc.constantFrom("dev", "prod"));

const observation = fc
  .record({
    stamp,
    startTimeUs: optional(time),
    endTimeUs: optional(time),
    name: optional(fc.option(text)),
    model: optional(fc.constantFrom("m1", "m2", "gpt-4o", "own")),
    modelParameters: optional(fc.record({ service_tier: fc.constantFrom("fast", "slow") })),
    level: optional(fc.constantFrom("ERROR", "DEFAULT")),
    usageDetails: optional(fc.dictionary(fc.constantFrom("input", "output", "total"), fc.nat(5))),
    costDetails: optional(fc.dictionary(fc.constantFrom("input", "output"), fc.constantFrom(0.1, 0.2))),
    environment,
    metadata: optional(metadata),
    output: optional(fc.jsonValue({ maxDepth: 2 })),
  })
  .map((event) => ({ observations: [{ ...event, id: "o", traceId: "t" }] }));

const trace = fc
  .record({
    stamp,
    timestampUs: optional(time),
    name: optional(fc.option(text)),
    userId: optional(fc.option(text)),
    public: optional(fc.boolean()),
    tags: optional(fc.array(text, { maxLength: 2 })),
    release: optional(fc.option(text)),
    environment,
    metadata: optional(metadata),
    input: optional(fc.jsonValue({ maxDepth: 2 })),
  })
  .map((event) => ({ traces: [{ ...event, id: "t" }] }));

const score = fc
  .record({ stamp, timestampUs: time, value: fc.nat(3), comment: optional(text), metadata: optional(metadata) })
  .map((event) => ({
    scores: [{ ...event, id: "s", traceId: "t", name: "q", dataType: "NUMERIC", stringValue: null, source: "API" }],
  }));

const RUNS = 100;

/** Of each run's project: a model with two tiers, which starts between two of the times. */
function ownModels(projectOf: (run: number) => string): ModelDefinition[] {
  const fast: PricingCondition = { source: "model_parameters", key: "service_tier", operator: "in", values: ["fast"] };
  const tier = { isDefault: true, priority: 0, conditions: [], prices: { input: 0.1, total: 0.2 } };
  const pricingTiers = [
    { ...tier, id: "standard", name: "Standard" },
    { ...tier, id: "fast", name: "Fast", isDefault: false, priority: 1, conditions: [fast], prices: { input: 0.3 } },
  ];
  return Array.from({ length: 2 * RUNS }, (_, run) => ({
    id: "own",
    projectId: projectOf(run),
    modelName: "own",
    matchPattern: "^own$",
    startDate: T0 + 2,
    unit: "TOKENS",
    tokenizerId: null,
    tokenizerConfig: null,
    pricingTiers,
    createdAt: T0,
  }));
}

type Part = Partial<CanonicalEvents>;

/** As it comes out of the queue: absent keys are gone. */
function throughJson(part: object): Part {
  return JSON.parse(JSON.stringify(part)) as Part;
}

function jobOf(projectId: string, ...parts: Part[]): IngestJob {
  const events = noEvents();
  for (const part of parts) {
    events.traces.push(...(part.traces ?? []));
    events.observations.push(...(part.observations ?? []));
    events.scores.push(...(part.scores ?? []));
  }
  return { v: INGEST_JOB_VERSION, projectId, receivedAtUs: 1, events };
}

/** All that is stored of a project, but when it was written. */
async function snapshot(db: Database, projectId: string): Promise<unknown> {
  const stored = await Promise.all([
    db.select().from(observations).where(eq(observations.projectId, projectId)),
    db.select().from(traces).where(eq(traces.projectId, projectId)),
    db.select().from(scores).where(eq(scores.projectId, projectId)),
    db
      .select()
      .from(dailyUsage)
      .where(and(eq(dailyUsage.projectId, projectId), gt(dailyUsage.observationCount, 0))),
    db
      .select()
      .from(facetUsage)
      .where(
        and(eq(facetUsage.projectId, projectId), or(gt(facetUsage.traceCount, 0), gt(facetUsage.observationCount, 0))),
      )
      .orderBy(facetUsage.facet, facetUsage.value, facetUsage.day, facetUsage.type, facetUsage.model),
    db
      .select()
      .from(hourlyCounts)
      .where(
        and(
          eq(hourlyCounts.projectId, projectId),
          or(gt(hourlyCounts.traceCount, 0), gt(hourlyCounts.observationCount, 0), gt(hourlyCounts.scoreCount, 0)),
        ),
      )
      .orderBy(hourlyCounts.hour),
  ]);
  return stored.map((rows) => rows.map((row) => ({ ...row, createdAt: 0, updatedAt: 0, projectId: "" })));
}

test("any permutation, duplication and split of a trace's events gives the same rows, totals and rollups", async () => {
  await using server = await createTestDatabase({ migrate: migrateDatabase });
  await using database = openDatabase({
    url: server.url,
    poolSize: 4,
    applicationName: "test",
    statementTimeoutMs: 10_000,
  });
  const { db } = database;
  const oneId = (kind: fc.Arbitrary<object>) => fc.array(kind, { minLength: 1, maxLength: 8 });
  const history = fc.oneof(oneId(observation), oneId(trace), oneId(score), oneId(fc.oneof(observation, trace, score)));
  let run = 0;
  const prices = createPriceBook(["once", "shuffled"].flatMap((name) => ownModels((n) => `${name}-${n}`)));
  await fc.assert(
    fc.asyncProperty(
      history.chain((events) =>
        fc.tuple(
          fc.constant(events.map(throughJson)),
          fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
          fc.array(fc.nat(events.length - 1), { maxLength: 3 }),
        ),
      ),
      async ([events, order, repeated]) => {
        run += 1;
        const [once, shuffled] = [`once-${run}`, `shuffled-${run}`];
        await writeBatch(db, [jobOf(once, ...events)], prices);
        for (const index of [...order, ...repeated])
          await writeBatch(db, [jobOf(shuffled, events[index] ?? {})], prices);
        expect(await snapshot(db, shuffled)).toEqual(await snapshot(db, once));
      },
    ),
    { numRuns: RUNS },
  );
}, 60_000);
