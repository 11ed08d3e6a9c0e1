import Big from "big.js";
import { sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { traces, type UsageEntry } from "../schema/traces.ts";
import { recordset } from "./recordset.ts";
import { byTrace } from "./trace-key.ts";
import { compareText, keyTextOf } from "./upsert-merged.ts";
import type { UsageDelta, UsageKey } from "./usage-deltas.ts";
import { addUsage, isNothing, noUsage, type UsageSums } from "./usage-sums.ts";

/** What a trace used on one day, by type and model: an entry of `traces.usage_by_day`. */
export type TraceUsage = UsageKey & { readonly sums: UsageSums };

/**
 * A change of one entry. `traceCount` is 1 where the trace joins the day's rollups with it, since its
 * count there leaves zero, and -1 where it leaves them.
 */
export type TraceUsageChange = TraceUsage & { readonly traceCount: -1 | 0 | 1 };

/** What the traces used, before the batch touches it. The caller's transaction holds their locks. */
export async function readTraceUsage(
  tx: Database,
  keys: ReadonlyArray<{ readonly projectId: string; readonly traceId: string }>,
): Promise<TraceUsage[]> {
  if (keys.length === 0) return [];
  const wanted = recordset(
    traces,
    ["projectId", "id"],
    keys.map(({ projectId, traceId }) => ({ projectId, id: traceId })),
  );
  const { projectId, id, usageByDay } = traces;
  const rows = await tx
    .select({ projectId, traceId: id, usageByDay })
    .from(traces)
    .where(sql`(${projectId}, ${id}) in (select ${wanted.values} from ${wanted.from})`);
  return rows.flatMap(({ usageByDay: entries, ...trace }) => (entries ?? []).map((entry) => fromEntry(trace, entry)));
}

/** What traces use that used `before` and get `deltas`, by `traceKey`, and what that changed. */
export function addTraceUsage(
  before: readonly TraceUsage[],
  deltas: readonly UsageDelta[],
): { readonly used: ReadonlyMap<string, readonly TraceUsage[]>; readonly changes: readonly TraceUsageChange[] } {
  const used = new Map(before.map((usage) => [textOf(usage), { ...usage, sums: { ...usage.sums } }]));
  const changes: TraceUsageChange[] = [];
  for (const { projectId, traceId, day, type, model, sums } of deltas) {
    if (isNothing(sums)) continue;
    const key = { projectId, traceId, day, type, model };
    const text = textOf(key);
    const usage = used.get(text) ?? { ...key, sums: noUsage() };
    used.set(text, usage);
    const countBefore = usage.sums.observationCount;
    addUsage(usage.sums, sums);
    const traceCount = Number(usage.sums.observationCount > 0) - Number(countBefore > 0);
    changes.push({ ...key, sums, traceCount: traceCount as -1 | 0 | 1 });
  }
  return { used: byTrace([...used.values()].filter(isUsed)), changes };
}

function isUsed({ sums }: TraceUsage): boolean {
  return !isNothing(sums);
}

/** What a trace uses that used nothing before, as a change. `delta` is all that it gets of that key. */
export function firstUsage({ projectId, traceId, day, type, model, sums }: UsageDelta): TraceUsageChange {
  return { projectId, traceId, day, type, model, sums, traceCount: 1 };
}

/** As the column holds it: in the order of the key, so that it tells nothing of the order of events. */
export function toEntries(used: readonly TraceUsage[]): readonly UsageEntry[] | null {
  if (used.length === 0) return null;
  return used.toSorted(compareOfOneTrace).map(toEntry);
}

function compareOfOneTrace(a: TraceUsage, b: TraceUsage): number {
  return compareText(a.day, b.day) || compareText(a.type, b.type) || compareText(a.model, b.model);
}

function toEntry({ day, type, model, sums }: TraceUsage): UsageEntry {
  const { observationCount, promptTokens, completionTokens, totalTokens, totalCost } = sums;
  const tokens = [String(promptTokens), String(completionTokens), String(totalTokens)] as const;
  return [day, type, model, observationCount, ...tokens, totalCost?.toFixed() ?? "0"];
}

function fromEntry(trace: { readonly projectId: string; readonly traceId: string }, entry: UsageEntry): TraceUsage {
  const [day, type, model, observationCount, promptTokens, completionTokens, totalTokens, totalCost] = entry;
  return {
    ...trace,
    day,
    type,
    model,
    sums: {
      observationCount,
      promptTokens: BigInt(promptTokens),
      completionTokens: BigInt(completionTokens),
      totalTokens: BigInt(totalTokens),
      totalCost: new Big(totalCost),
    },
  };
}

function textOf({ projectId, traceId, day, type, model }: UsageKey): string {
  return keyTextOf([projectId, traceId, day, type, model]);
}
