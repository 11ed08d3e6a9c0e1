import type { Row } from "./recordset.ts";
import type { RowChange } from "./upsert-merged.ts";

/**
 * What one observation adds to its trace and its day, or with `sign` -1 takes back.
 * A batch's deltas over all its changes are exactly the difference of the sums before and after.
 */
export type UsageDelta = {
  readonly projectId: string;
  readonly traceId: string;
  /** UTC day of the observation's start, `YYYY-MM-DD`. */
  readonly day: string;
  readonly type: string;
  readonly model: string;
  readonly sign: 1 | -1;
  readonly errorCount: 0 | 1;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly totalTokens: number;
  /** US dollars, decimal text. */
  readonly totalCost: string;
  readonly startUs: number;
  readonly endUs: number;
};

export function usageDeltas(changes: readonly RowChange[]): UsageDelta[] {
  return changes.flatMap(({ before, after }) =>
    before ? [contributionOf(before, -1), contributionOf(after, 1)] : [contributionOf(after, 1)],
  );
}

/** Traces of which an observation now starts later or ends earlier: their bounds have to be looked up again. */
export function shrunkTraces(changes: readonly RowChange[]): Array<{ projectId: string; traceId: string }> {
  const shrunk = new Map<string, { projectId: string; traceId: string }>();
  for (const { before, after } of changes) {
    if (!before) continue;
    const old = contributionOf(before, -1);
    const now = contributionOf(after, 1);
    if (now.startUs <= old.startUs && now.endUs >= old.endUs) continue;
    shrunk.set(`${now.projectId}\u0000${now.traceId}`, { projectId: now.projectId, traceId: now.traceId });
  }
  return [...shrunk.values()];
}

/** An observation without a known type reads as a span, so it counts as one. */
const UNTYPED = "SPAN";

function contributionOf(row: Row, sign: 1 | -1): UsageDelta {
  const startUs = row["startTime"] as number;
  return {
    projectId: row["projectId"] as string,
    traceId: row["traceId"] as string,
    day: utcDay(startUs),
    type: (row["type"] as string | null) ?? UNTYPED,
    model: (row["model"] as string | null) ?? "",
    sign,
    errorCount: row["level"] === "ERROR" ? 1 : 0,
    promptTokens: (row["promptTokens"] as number | null) ?? 0,
    completionTokens: (row["completionTokens"] as number | null) ?? 0,
    totalTokens: (row["totalTokens"] as number | null) ?? 0,
    totalCost: (row["totalCost"] as string | null) ?? "0",
    startUs,
    // An end before the start is kept as sent, and counts as the start.
    endUs: Math.max(startUs, (row["endTime"] as number | null) ?? startUs),
  };
}

export function utcDay(timeUs: number): string {
  return new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, 10);
}
