import postgres from "postgres";
import type { Ledger } from "../load/start-load.ts";
import type { ChaosSystem } from "../system/chaos-system.ts";
import { compareLedger, type Comparison } from "./compare-ledger.ts";
import { conservation } from "./conservation.ts";
import { backlogOf, drain } from "./queue-counts.ts";
import { readStored } from "./read-stored.ts";
import { recount } from "./recount.ts";

export type Verdict = {
  /** Of all projects together. */
  readonly comparison: Comparison;
  /** Acknowledged parts that are missing and may be: see Allowance. */
  readonly allowedLoss: number;
  readonly drainMs: number;
  /** Every promise that was broken, a line each; empty when all were kept. */
  readonly failures: readonly string[];
};

export type Allowance = {
  /** Loss is part of this fault, and is reported instead of condemned: these acknowledged parts may be missing. */
  readonly mayBeLost?: (entry: { readonly atMs: number }) => boolean;
  /** The queue was emptied, or given jobs that no gateway accepted: its count of events is not to be believed. */
  readonly lawIsBroken?: boolean;
};

const DRAIN_TIMEOUT_MS = 90_000;
const SHOWN = 5;

/** Waits for the queue to run empty, and holds everything against the ledgers. The load has ended. */
export async function verify(
  system: Pick<ChaosSystem, "databaseUrl" | "redisUrl" | "queuePrefix" | "workers">,
  ledgers: readonly Ledger[],
  allowance: Allowance = {},
): Promise<Verdict> {
  const { tookMs: drainMs, left } = await drain(system, DRAIN_TIMEOUT_MS);
  const sql = postgres(system.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const { mayBeLost = () => false, lawIsBroken = false } = allowance;
    const comparisons: Comparison[] = [];
    let missing = 0;
    for (const { projectId, sent, acked } of ledgers) {
      const stored = await readStored(sql, projectId);
      comparisons.push(compareLedger({ sent, acked: acked.filter((entry) => !mayBeLost(entry)) }, stored));
      missing += compareLedger({ sent, acked }, stored).lost.length;
    }
    const comparison = total(comparisons);
    const failures = [
      ...(backlogOf(left) > 0
        ? [`backlog not empty after ${DRAIN_TIMEOUT_MS / 1_000} s: ${JSON.stringify(left)}`]
        : []),
      ...(left.failed > 0 ? [`${left.failed} failed jobs`] : []),
      ...listed("lost", comparison.lost),
      ...listed("duplicated", comparison.duplicated),
      ...listed("altered", comparison.altered),
      ...listed("stored though never sent", comparison.unsent),
      ...listed("dead letters", await deadLetters(sql)),
      ...listed("totals that drifted", await recount(sql)),
      ...listed(
        "rows of other projects",
        await foreignRows(
          sql,
          ledgers.map(({ projectId }) => projectId),
        ),
      ),
    ];
    if (!lawIsBroken) failures.push(...(await conservation(system.workers[0]?.url ?? "")));
    if (comparison.acknowledged === 0) failures.push("nothing was acknowledged, so nothing was tested");
    return { comparison, allowedLoss: missing - comparison.lost.length, drainMs, failures };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function listed(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > SHOWN ? ` and ${items.length - SHOWN} more` : "";
  return [`${items.length} ${title}: ${items.slice(0, SHOWN).join("; ")}${more}`];
}

async function deadLetters(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<
    Array<{ line: string }>
  >`select coalesce(sqlstate, '-') || ' ' || error as line from dead_letters`;
  return rows.map(({ line }) => line);
}

async function foreignRows(sql: postgres.Sql, projectIds: readonly string[]): Promise<string[]> {
  const rows = await sql<Array<{ line: string }>>`
    select distinct project_id || ' in observations' as line from observations where project_id <> all(${projectIds as string[]})`;
  return rows.map(({ line }) => line);
}

function total(parts: readonly Comparison[]): Comparison {
  return {
    acknowledged: parts.reduce((sum, part) => sum + part.acknowledged, 0),
    storedRows: parts.reduce((sum, part) => sum + part.storedRows, 0),
    lost: parts.flatMap(({ lost }) => lost),
    duplicated: parts.flatMap(({ duplicated }) => duplicated),
    altered: parts.flatMap(({ altered }) => altered),
    unsent: parts.flatMap(({ unsent }) => unsent),
  };
}
