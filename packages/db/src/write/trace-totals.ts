import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces } from "../schema/traces.ts";
import { recordset, type Row } from "./recordset.ts";
import type { InitialColumns } from "./upsert-merged.ts";
import { byTrace, traceKey } from "./trace-key.ts";
import { toEntries, type TraceUsage } from "./trace-usage.ts";
import type { UsageDelta } from "./usage-deltas.ts";
import { addUsage, noUsage, type UsageSums } from "./usage-sums.ts";

/** What a batch adds to the totals of one trace. */
type TotalsDelta = {
  readonly projectId: string;
  readonly traceId: string;
  readonly sums: UsageSums;
  errorCount: number;
  startUs: number | null;
  endUs: number | null;
};

const COLUMNS = [
  "observationCount",
  "errorCount",
  "promptTokens",
  "completionTokens",
  "totalTokens",
  "totalCost",
  "firstStartTime",
  "lastEndTime",
  "usageByDay",
] as const;

/**
 * The totals that a trace begins with, given what the batch's observations add when they are new: a trace that is
 * not stored has no stored observations. Written with the row, they spare it a second version.
 */
export function initialTotals(deltas: readonly UsageDelta[]): InitialColumns {
  const used = byTrace(deltas);
  const values = new Map<string, Row>();
  for (const delta of totalsByTrace(deltas)) values.set(traceKey(delta.projectId, delta.traceId), toRow(delta, used));
  return { columns: COLUMNS, values, otherwise: NONE };
}

/**
 * Adds to the totals of traces that were stored before. `used` is what each of them uses now, by `traceKey`.
 * The caller's transaction holds their locks.
 */
export async function addToTotals(
  tx: Database,
  deltas: readonly UsageDelta[],
  used: ReadonlyMap<string, readonly TraceUsage[]>,
): Promise<void> {
  if (deltas.length === 0) return;
  const rows = totalsByTrace(deltas).map((delta) => ({
    projectId: delta.projectId,
    id: delta.traceId,
    ...toRow(delta, used),
  }));
  const added = recordset(traces, ["projectId", "id", ...COLUMNS], rows);
  // `trim_scale`, or a cost that came and went would leave 0.00 where another order of events leaves 0.
  await tx.execute(sql`
    update ${traces} t set
      observation_count = t.observation_count + ${added.value("observationCount")},
      error_count = t.error_count + ${added.value("errorCount")},
      prompt_tokens = t.prompt_tokens + ${added.value("promptTokens")},
      completion_tokens = t.completion_tokens + ${added.value("completionTokens")},
      total_tokens = t.total_tokens + ${added.value("totalTokens")},
      total_cost = trim_scale(t.total_cost + ${added.value("totalCost")}),
      first_start_time = least(t.first_start_time, ${added.value("firstStartTime")}),
      last_end_time = greatest(t.last_end_time, ${added.value("lastEndTime")}),
      usage_by_day = ${added.value("usageByDay")}
    from ${added.from}
    where t.project_id = ${added.value("projectId")} and t.id = ${added.value("id")}`);
}

function totalsByTrace(deltas: readonly UsageDelta[]): TotalsDelta[] {
  const totals = new Map<string, TotalsDelta>();
  for (const { projectId, traceId, sums, errorCount, startUs, endUs } of deltas) {
    const key = traceKey(projectId, traceId);
    let total = totals.get(key);
    if (!total) {
      total = { projectId, traceId, sums: noUsage(), errorCount: 0, startUs: null, endUs: null };
      totals.set(key, total);
    }
    addUsage(total.sums, sums);
    total.errorCount += errorCount;
    if (startUs !== null) total.startUs = Math.min(total.startUs ?? startUs, startUs);
    if (endUs !== null) total.endUs = Math.max(total.endUs ?? endUs, endUs);
  }
  return [...totals.values()];
}

function toRow(total: TotalsDelta, used: ReadonlyMap<string, readonly TraceUsage[]>): Row {
  const { projectId, traceId, sums, errorCount, startUs, endUs } = total;
  // Told one by one: this runs for every trace, and spreading was the slowest of it.
  return {
    observationCount: sums.observationCount,
    promptTokens: sums.promptTokens,
    completionTokens: sums.completionTokens,
    totalTokens: sums.totalTokens,
    totalCost: sums.totalCost?.toFixed() ?? "0",
    errorCount,
    firstStartTime: startUs,
    lastEndTime: endUs,
    usageByDay: toEntries(used.get(traceKey(projectId, traceId)) ?? []),
  };
}

const NONE = toRow(
  { projectId: "", traceId: "", sums: noUsage(), errorCount: 0, startUs: null, endUs: null },
  new Map(),
);
