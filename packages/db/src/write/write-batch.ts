import type { IngestJob } from "@xtrace/contract";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import type { StampedRow } from "../merge/merge-row.ts";
import { OBSERVATION_RULES, SCORE_RULES, TRACE_RULES } from "../merge/rules.ts";
import { observations } from "../schema/observations.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import type { SettledCounts } from "../settlement/settle-jobs.ts";
import { applyHourlyCounts } from "./apply-hourly-counts.ts";
import { applyUsage, recomputeBounds } from "./apply-usage.ts";
import { countStored } from "./count-stored.ts";
import { deriveCost, deriveUsage } from "./derive-usage.ts";
import { facetChanges } from "./facet-changes.ts";
import { groupEvents } from "./group-events.ts";
import { insertMetrics } from "./insert-metrics.ts";
import { placeObservations } from "./place-observations.ts";
import { shrunkTraces, usageDeltas } from "./usage-deltas.ts";
import { upsertMerged, type MergedTable } from "./upsert-merged.ts";

const TRACES: MergedTable = { table: traces, key: ["projectId", "id"], rules: TRACE_RULES };

/** Whoever writes an observation holds its trace. In order of time, rows that are read together lie together. */
const OBSERVATIONS: MergedTable = {
  table: observations,
  key: ["projectId", "id", "traceId"],
  insertedBy: "startTime",
  rules: OBSERVATION_RULES,
  derive: deriveColumns,
  derived: ["promptTokens", "completionTokens", "totalTokens", "totalCost"],
};

const SCORES: MergedTable = { table: scores, key: ["projectId", "id"], rules: SCORE_RULES };

function deriveColumns(row: StampedRow) {
  const usageDetails = row["usageDetails"] as Record<string, number> | null;
  const costDetails = row["costDetails"] as Record<string, number> | null;
  return { ...deriveUsage(usageDetails), totalCost: deriveCost(costDetails) };
}

/** How many rows a batch brought into being, and how many it changed. A replay brings and changes none. */
export type WriteResult = { readonly inserted: number; readonly updated: number; readonly counts: SettledCounts };

/**
 * Writes a batch in one transaction: all of it or nothing. Idempotent, and indifferent to the order
 * in which batches come, so a batch may be given again after any failure.
 *
 * Order of locks, the same for every writer: traces, observations, scores, metrics, rollups, and last what settles the
 * jobs; each in key order, but new observations, which nobody else can write while their trace is locked.
 */
export async function writeBatch(db: Database, jobs: readonly IngestJob[]): Promise<WriteResult> {
  return await db.transaction(async (tx) => await writeRows(tx, jobs));
}

/** As `writeBatch`, inside a transaction of the caller's. */
export async function writeRows(tx: Database, jobs: readonly IngestJob[]): Promise<WriteResult> {
  await forgetPlans(tx);
  const groups = groupEvents(jobs, await placeObservations(tx, jobs));
  const traceChanges = await upsertMerged(tx, TRACES, groups.traces);
  const observationChanges = await upsertMerged(tx, OBSERVATIONS, groups.observations);
  const scoreChanges = await upsertMerged(tx, SCORES, groups.scores);
  const newPoints = await insertMetrics(tx, jobs);
  await applyUsage(tx, usageDeltas(observationChanges), facetChanges(traceChanges));
  await recomputeBounds(tx, shrunkTraces(observationChanges));
  await applyHourlyCounts(tx, { traces: traceChanges, observations: observationChanges, scores: scoreChanges });
  const changes = [...traceChanges, ...observationChanges, ...scoreChanges];
  const inserted = changes.filter(({ before }) => before === null).length;
  return {
    inserted: inserted + newPoints,
    updated: changes.length - inserted,
    counts: countStored(jobs, { traces: traceChanges, others: [...observationChanges, ...scoreChanges], newPoints }),
  };
}

/**
 * A session keeps the plan of a foreign key check for as long as nobody analyzes the table, and one made
 * for a small table is a scan of the project. Costs a round trip and two plans a batch; nothing else here
 * has a plan to lose. What makes the next plan a good one: analyze-grown-tables.ts.
 */
async function forgetPlans(tx: Database): Promise<void> {
  await tx.execute(sql`discard plans`);
}
