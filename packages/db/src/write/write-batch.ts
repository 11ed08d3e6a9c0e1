import type { IngestJob } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { OBSERVATION_RULES, SCORE_RULES, TRACE_RULES } from "../merge/rules.ts";
import { BUILT_IN_PRICES, type PriceBook } from "../prices/price-book.ts";
import { observations } from "../schema/observations.ts";
import { fitScores } from "../score-configs/fit-scores.ts";
import { scores } from "../schema/scores.ts";
import { traces } from "../schema/traces.ts";
import type { SettledCounts } from "../settlement/settle-jobs.ts";
import { applyRollups } from "./apply-rollups.ts";
import { applyUsage } from "./apply-usage.ts";
import { countNew, countStored } from "./count-stored.ts";
import { DERIVED_COLUMNS, deriveObservation } from "./derive-observation.ts";
import { forgetPlans, type PlanPolicy } from "./forget-plans.ts";
import { groupEvents } from "./group-events.ts";
import { hourlyDeltas } from "./hourly-deltas.ts";
import { insertMetrics } from "./insert-metrics.ts";
import { findPlaces } from "./place-observations.ts";
import type { Row } from "./recordset.ts";
import { initialTotals } from "./trace-totals.ts";
import { mergeBatch, toNewRow, upsertMerged, type MergedTable } from "./upsert-merged.ts";
import { usageDeltas } from "./usage-deltas.ts";

const TRACES: MergedTable = { table: traces, key: ["projectId", "id"], rules: TRACE_RULES };

/** Whoever writes an observation holds its trace. In order of time, rows that are read together lie together. */
function observationsAt(prices: PriceBook): MergedTable {
  return {
    table: observations,
    key: ["projectId", "id", "traceId"],
    insertOrder: compareStarts,
    rules: OBSERVATION_RULES,
    derive: (row) => deriveObservation(row, prices),
    derived: DERIVED_COLUMNS,
  };
}

function compareStarts(a: Row, b: Row): number {
  return (a["startTime"] as number) - (b["startTime"] as number);
}

const SCORES: MergedTable = { table: scores, key: ["projectId", "id"], rules: SCORE_RULES };

/** How many rows a batch brought into being, and how many it changed. A replay brings and changes none. */
export type WriteResult = { readonly inserted: number; readonly updated: number; readonly counts: SettledCounts };

/**
 * Writes a batch in one transaction: all of it or nothing. Idempotent, and indifferent to the order
 * in which batches come, so a batch may be given again after any failure. Costs are those of `prices`.
 *
 * Order of locks, the same for every writer: traces, observations, scores, metrics, rollups, and last what settles the
 * jobs; each in key order, but new observations, which nobody else can write while their trace is locked.
 */
export async function writeBatch(
  db: Database,
  jobs: readonly IngestJob[],
  prices: PriceBook = BUILT_IN_PRICES,
): Promise<WriteResult> {
  return await db.transaction(async (tx) => await writeRows(tx, jobs, prices));
}

/** As `writeBatch`, inside a transaction of the caller's. Throws ScoreMisfitError. */
export async function writeRows(tx: Database, jobs: readonly IngestJob[], prices: PriceBook): Promise<WriteResult> {
  return await writeFitting(tx, await fitScores(tx, jobs), prices);
}

/** As `writeRows`, of jobs whose scores fit. */
export async function writeFitting(
  tx: Database,
  jobs: readonly IngestJob[],
  prices: PriceBook,
  plans: PlanPolicy = "forget",
): Promise<WriteResult> {
  if (plans === "forget") await forgetPlans(tx);
  const groups = groupEvents(jobs, await findPlaces(tx, jobs));
  const observationBatch = mergeBatch(observationsAt(prices), groups.observations);
  const newUsage = usageDeltas(observationBatch.fresh.map(toNewRow));
  const upserted = {
    traces: await upsertMerged(tx, mergeBatch(TRACES, groups.traces, initialTotals(newUsage))),
    observations: await upsertMerged(tx, observationBatch),
    scores: await upsertMerged(tx, mergeBatch(SCORES, groups.scores)),
  };
  const newPoints = await insertMetrics(tx, jobs);
  const changes = {
    traces: upserted.traces.changes,
    observations: upserted.observations.changes,
    scores: upserted.scores.changes,
  };
  // Most batches bring new observations only, whose usage is known by now.
  const areAllNew = countNew(changes.observations) === groups.observations.length;
  const deltas = areAllNew ? newUsage : usageDeltas(changes.observations);
  const usage = await applyUsage(tx, { ...upserted, deltas });
  await applyRollups(tx, { ...usage, hourly: hourlyDeltas(changes) });
  const others = [...changes.observations, ...changes.scores];
  const inserted = countNew(changes.traces) + countNew(others);
  return {
    inserted: inserted + newPoints,
    updated: changes.traces.length + others.length - inserted,
    counts: countStored(jobs, { traces: changes.traces, others, newPoints }),
  };
}
