import type { Row } from "./recordset.ts";
import { keyTextOf } from "./upsert-merged.ts";
import { facetsOf, type FacetCount, type FacetMove, type FacetValue } from "./trace-facets.ts";
import { byTrace, traceKey } from "./trace-key.ts";
import type { TraceUsage, TraceUsageChange } from "./trace-usage.ts";
import type { UsageKey } from "./usage-deltas.ts";
import { addUsage, isNothing, noUsage, type UsageSums } from "./usage-sums.ts";

type RollupDelta = { readonly sums: UsageSums; traceCount: number };

/** What is added to one row of `daily_usage`. */
export type DailyDelta = RollupDelta & Pick<UsageKey, "projectId" | "day" | "type" | "model">;

/** What is added to one row of `facet_usage`. */
export type FacetDelta = DailyDelta & FacetValue;

/**
 * One delta a row of `daily_usage` and of `facet_usage`; rows that do not change are left out.
 *
 * A trace's facets are those that it has now. What it used before the batch moves from the values that it lost to
 * those that it gained.
 */
export function rollupDeltas(given: {
  readonly changes: readonly TraceUsageChange[];
  /** By `traceKey`, as they are now. */
  readonly traces: ReadonlyMap<string, Row>;
  readonly moves: readonly FacetMove[];
  readonly usedBefore: readonly TraceUsage[];
  readonly counts: readonly FacetCount[];
}): { readonly daily: DailyDelta[]; readonly facets: FacetDelta[] } {
  const daily = new Map<string, DailyDelta>();
  const facets = new Map<string, FacetDelta>();
  for (const { facets: values, sums, traceCount, ...key } of sumAlike(given)) {
    addTo(daily, key, sums, traceCount);
    for (const { facet, value } of values) addTo(facets, { ...key, facet, value }, sums, traceCount);
  }
  const usedBefore = byTrace(given.usedBefore);
  for (const { projectId, traceId, facet, value, sign } of given.moves) {
    for (const { day, type, model, sums } of usedBefore.get(traceKey(projectId, traceId)) ?? []) {
      const isCounted = Number(sums.observationCount > 0);
      addTo(facets, { projectId, day, type, model, facet, value }, sums, sign * isCounted, sign);
    }
  }
  for (const { projectId, facet, value, day, traces } of given.counts) {
    addTo(facets, { projectId, day, type: "", model: "", facet, value }, noUsage(), traces);
  }
  return { daily: [...daily.values()].filter(isChange), facets: [...facets.values()].filter(isChange) };
}

/** Sums over traces of the same facets first: most traces of a batch are alike, and are then counted once and not under each value. */
function sumAlike({ changes, traces }: Pick<Parameters<typeof rollupDeltas>[0], "changes" | "traces">) {
  const alike = new Map<string, DailyDelta & { readonly facets: readonly FacetValue[] }>();
  const kinds = new Map<string, { readonly facets: readonly FacetValue[]; readonly text: string }>();
  for (const { projectId, traceId, day, type, model, sums, traceCount } of changes) {
    const trace = traceKey(projectId, traceId);
    let kind = kinds.get(trace);
    if (!kind) {
      const facets = facetsOf(traces.get(trace) ?? {});
      kind = { facets, text: kindText(projectId, facets) };
      kinds.set(trace, kind);
    }
    const text = `${kind.text}\u0000${day}\u0000${type}\u0000${model}`;
    let delta = alike.get(text);
    if (!delta) {
      delta = { projectId, day, type, model, facets: kind.facets, sums: noUsage(), traceCount: 0 };
      alike.set(text, delta);
    }
    delta.traceCount += traceCount;
    addUsage(delta.sums, sums);
  }
  return alike.values();
}

function kindText(projectId: string, facets: readonly FacetValue[]): string {
  const parts = [projectId];
  for (const { facet, value } of facets) parts.push(facet, value);
  return keyTextOf(parts);
}

/** All keys of one map have their properties in the same order. */
function addTo<Key extends Readonly<Record<string, string>>>(
  deltas: Map<string, Key & RollupDelta>,
  key: Key,
  sums: UsageSums,
  traceCount: number,
  sign: 1 | -1 = 1,
): void {
  const text = keyTextOf(Object.values(key));
  let delta = deltas.get(text);
  if (!delta) {
    delta = { ...key, sums: noUsage(), traceCount: 0 };
    deltas.set(text, delta);
  }
  delta.traceCount += traceCount;
  addUsage(delta.sums, sums, sign);
}

function isChange({ sums, traceCount }: RollupDelta): boolean {
  return traceCount !== 0 || !isNothing(sums);
}
