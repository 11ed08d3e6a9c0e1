import type { Row } from "./recordset.ts";
import { traceKey } from "./trace-key.ts";
import type { RowChange } from "./upsert-merged.ts";
import { utcDay } from "./utc-day.ts";
import { addRow, noUsage, type UsageSums } from "./usage-sums.ts";

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
  const projectId = row["projectId"] as string;
  const traceId = row["traceId"] as string;
  const day = utcDay(row["startTime"] as number);
  const type = (row["type"] as string | null) ?? UNTYPED;
  const model = (row["model"] as string | null) ?? "";
  const text = `${projectId}\u0000${traceId}\u0000${day}\u0000${type}\u0000${model}`;
  let delta = deltas.get(text);
  if (!delta) {
    delta = { projectId, traceId, day, type, model, sums: noUsage(), errorCount: 0, startUs: null, endUs: null };
    deltas.set(text, delta);
  }
  addRow(delta.sums, row, sign);
  if (row["level"] === "ERROR") delta.errorCount += sign;
  if (sign === 1) {
    const { startUs, endUs } = boundsOf(row);
    delta.startUs = Math.min(delta.startUs ?? startUs, startUs);
    delta.endUs = Math.max(delta.endUs ?? endUs, endUs);
  }
}

/** An observation without a known type reads as a span, so it counts as one. */
const UNTYPED = "SPAN";

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
    const [projectId, traceId] = [after["projectId"] as string, after["traceId"] as string];
    shrunk.set(traceKey(projectId, traceId), { projectId, traceId });
  }
  return [...shrunk.values()];
}
