import type { Row } from "./recordset.ts";
import { facetCounts } from "./trace-facets.ts";
import { traceKey } from "./trace-key.ts";
import type { TraceUsage } from "./trace-usage.ts";
import { rollupDeltas, type DailyDelta, type FacetDelta } from "./usage-rollups.ts";
import { addUsage, noUsage } from "./usage-sums.ts";

/**
 * What the rollups lose with traces: all that they would gain if the traces came now with all they used.
 * `used` is all that they used.
 */
export function lostRollups(
  traces: readonly Row[],
  used: readonly TraceUsage[],
): { readonly daily: DailyDelta[]; readonly facets: FacetDelta[] } {
  const rows = new Map(traces.map((row) => [traceKey(row["projectId"] as string, row["id"] as string), row]));
  const gained = rollupDeltas({
    changes: used.map((usage) => ({ ...usage, traceCount: usage.sums.observationCount > 0 ? 1 : 0 })),
    traces: rows,
    moves: [],
    usedBefore: [],
    counts: facetCounts(traces.map((after) => ({ before: null, after }))),
  });
  return { daily: gained.daily.map(negated), facets: gained.facets.map(negated) };
}

function negated<Delta extends DailyDelta>(delta: Delta): Delta {
  const sums = noUsage();
  addUsage(sums, delta.sums, -1);
  return { ...delta, sums, traceCount: -delta.traceCount };
}
