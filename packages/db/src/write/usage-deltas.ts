import Big from "big.js";
import type { Row } from "./recordset.ts";
import { traceKey } from "./trace-key.ts";
import type { RowChange } from "./upsert-merged.ts";
import { utcDay } from "./utc-day.ts";
import { addUsage, noUsage, type UsageSums } from "./usage-sums.ts";

/** What a batch adds to one trace on one day, by observation type and model; negative where it takes away. */
export type UsageDelta = UsageKey & {
  readonly sums: UsageSums;
  errorCount: number;
  /** Bounds of what the batch wrote, Unix epoch microseconds; `null` where it only took away. */
  startUs: number | null;
  endUs: number | null;
};

export type UsageKey = {
  readonly projectId: string;
  readonly traceId: string;
  /** UTC day of the observations' start, `YYYY-MM-DD`. */
  readonly day: string;
  readonly type: string;
  readonly model: string;
};

/** One delta a key. All of a batch's deltas together are exactly the difference of the sums before and after. */
export function usageDeltas(changes: readonly RowChange[]): UsageDelta[] {
  const deltas = new Map<string, UsageDelta>();
  for (const { before, after } of changes) {
    if (before) addContribution(deltas, before, -1);
    addContribution(deltas, after, 1);
  }
  return [...deltas.values()];
}

function addContribution(deltas: Map<string, UsageDelta>, row: Row, sign: 1 | -1): void {
  const key = keyOf(row);
  const text = `${key.projectId}\u0000${key.traceId}\u0000${key.day}\u0000${key.type}\u0000${key.model}`;
  let delta = deltas.get(text);
  if (!delta) {
    delta = { ...key, sums: noUsage(), errorCount: 0, startUs: null, endUs: null };
    deltas.set(text, delta);
  }
  addUsage(delta.sums, usageOf(row), sign);
  if (row["level"] === "ERROR") delta.errorCount += sign;
  if (sign === 1) {
    const { startUs, endUs } = boundsOf(row);
    delta.startUs = Math.min(delta.startUs ?? startUs, startUs);
    delta.endUs = Math.max(delta.endUs ?? endUs, endUs);
  }
}

function usageOf(row: Row): UsageSums {
  const cost = row["totalCost"] as string | null;
  return {
    observationCount: 1,
    promptTokens: tokens(row, "promptTokens"),
    completionTokens: tokens(row, "completionTokens"),
    totalTokens: tokens(row, "totalTokens"),
    totalCost: cost === null ? null : new Big(cost),
  };
}

function tokens(row: Row, property: "promptTokens" | "completionTokens" | "totalTokens"): bigint {
  return BigInt((row[property] as number | null) ?? 0);
}

/** An observation without a known type reads as a span, so it counts as one. */
const UNTYPED = "SPAN";

function keyOf(row: Row): UsageKey {
  return {
    projectId: row["projectId"] as string,
    traceId: row["traceId"] as string,
    day: utcDay(row["startTime"] as number),
    type: (row["type"] as string | null) ?? UNTYPED,
    model: (row["model"] as string | null) ?? "",
  };
}

/** An end before the start is kept as sent, and counts as the start. */
function boundsOf(row: Row): { startUs: number; endUs: number } {
  const startUs = row["startTime"] as number;
  return { startUs, endUs: Math.max(startUs, (row["endTime"] as number | null) ?? startUs) };
}

/** Traces of which an observation now starts later or ends earlier: their bounds have to be looked up again. */
export function shrunkTraces(changes: readonly RowChange[]): Array<{ projectId: string; traceId: string }> {
  const shrunk = new Map<string, { projectId: string; traceId: string }>();
  for (const { before, after } of changes) {
    if (!before) continue;
    const old = boundsOf(before);
    const now = boundsOf(after);
    if (now.startUs <= old.startUs && now.endUs >= old.endUs) continue;
    const { projectId, traceId } = keyOf(after);
    shrunk.set(traceKey(projectId, traceId), { projectId, traceId });
  }
  return [...shrunk.values()];
}
