import Big from "big.js";
import type { Row } from "./recordset.ts";
import type { RowChange } from "./upsert-merged.ts";
import { utcDay } from "./utc-day.ts";

/**
 * What a batch adds to one trace on one day, by observation type and model; negative where it takes away.
 * A batch's deltas over all its changes are exactly the difference of the sums before and after.
 * Several may have the same key: sums that no longer fit a safe integer go on in another delta.
 */
export type UsageDelta = {
  readonly projectId: string;
  readonly traceId: string;
  /** UTC day of the observations' start, `YYYY-MM-DD`. */
  readonly day: string;
  readonly type: string;
  readonly model: string;
  observationCount: number;
  errorCount: number;
  promptTokens: number;
  completionTokens: number;
  totalTokens: number;
  /** US dollars, exact; `null` is zero. */
  totalCost: Big | null;
  /** Bounds of what the batch wrote, Unix epoch microseconds; `null` where it only took away. */
  startUs: number | null;
  endUs: number | null;
};

export function usageDeltas(changes: readonly RowChange[]): UsageDelta[] {
  const deltas: UsageDelta[] = [];
  const open = new Map<string, UsageDelta>();
  for (const { before, after } of changes) {
    if (before) addContribution(deltas, open, before, -1);
    addContribution(deltas, open, after, 1);
  }
  return deltas;
}

function addContribution(deltas: UsageDelta[], open: Map<string, UsageDelta>, row: Row, sign: 1 | -1): void {
  const key = keyOf(row);
  const text = `${key.projectId}\u0000${key.traceId}\u0000${key.day}\u0000${key.type}\u0000${key.model}`;
  let delta = open.get(text);
  if (!delta || !hasRoom(delta, row)) {
    delta = { ...key, ...NOTHING };
    deltas.push(delta);
    open.set(text, delta);
  }
  delta.observationCount += sign;
  if (row["level"] === "ERROR") delta.errorCount += sign;
  delta.promptTokens += sign * tokens(row, "promptTokens");
  delta.completionTokens += sign * tokens(row, "completionTokens");
  delta.totalTokens += sign * tokens(row, "totalTokens");
  const cost = row["totalCost"] as string | null;
  if (cost !== null) delta.totalCost = (delta.totalCost ?? new Big(0)).plus(sign === 1 ? cost : new Big(cost).neg());
  if (sign === 1) {
    const { startUs, endUs } = boundsOf(row);
    delta.startUs = Math.min(delta.startUs ?? startUs, startUs);
    delta.endUs = Math.max(delta.endUs ?? endUs, endUs);
  }
}

const NOTHING = {
  observationCount: 0,
  errorCount: 0,
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  totalCost: null,
  startUs: null,
  endUs: null,
} as const;

/** An observation without a known type reads as a span, so it counts as one. */
const UNTYPED = "SPAN";

function keyOf(row: Row) {
  return {
    projectId: row["projectId"] as string,
    traceId: row["traceId"] as string,
    day: utcDay(row["startTime"] as number),
    type: (row["type"] as string | null) ?? UNTYPED,
    model: (row["model"] as string | null) ?? "",
  };
}

function tokens(row: Row, property: "promptTokens" | "completionTokens" | "totalTokens"): number {
  return (row[property] as number | null) ?? 0;
}

function hasRoom(delta: UsageDelta, row: Row): boolean {
  return TOKEN_SUMS.every((property) => Math.abs(delta[property]) + tokens(row, property) <= Number.MAX_SAFE_INTEGER);
}

const TOKEN_SUMS = ["promptTokens", "completionTokens", "totalTokens"] as const;

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
    shrunk.set(`${projectId}\u0000${traceId}`, { projectId, traceId });
  }
  return [...shrunk.values()];
}
