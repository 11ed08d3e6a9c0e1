import type { Facet } from "../schema/usage.ts";
import type { Row } from "./recordset.ts";
import type { RowChange } from "./upsert-merged.ts";
import { utcDay } from "./utc-day.ts";

export type FacetValue = { readonly facet: Facet; readonly value: string };

/** A value that a trace gained (1) or lost (-1): its usage goes along. */
export type FacetMove = FacetValue & { readonly projectId: string; readonly traceId: string; readonly sign: 1 | -1 };

/** Traces that joined a value on the UTC day of their timestamp, less those that left it. */
export type FacetCount = FacetValue & { readonly projectId: string; readonly day: string; traces: number };

/** What a trace is grouped by, as its row says. */
export function facetsOf(trace: Row): FacetValue[] {
  const facets: FacetValue[] = [{ facet: "environment", value: (trace["environment"] as string | null) ?? "default" }];
  for (const facet of ["name", "release", "version"] as const) {
    const value = trace[facet] as string | null | undefined;
    if (typeof value === "string") facets.push({ facet, value });
  }
  return facets;
}

export function facetMoves(changes: readonly RowChange[]): FacetMove[] {
  const moves: FacetMove[] = [];
  for (const { before, after } of changes) {
    if (!before) continue;
    const [old, now] = [facetsOf(before), facetsOf(after)];
    const trace = { projectId: after["projectId"] as string, traceId: after["id"] as string };
    for (const one of without(now, old)) moves.push({ ...trace, ...one, sign: 1 });
    for (const one of without(old, now)) moves.push({ ...trace, ...one, sign: -1 });
  }
  return moves;
}

export function facetCounts(changes: readonly RowChange[]): FacetCount[] {
  const counts = new Map<string, FacetCount>();
  for (const { before, after } of changes) {
    countFacets(counts, after, 1);
    if (before) countFacets(counts, before, -1);
  }
  return [...counts.values()];
}

function countFacets(counts: Map<string, FacetCount>, row: Row, sign: 1 | -1): void {
  const projectId = row["projectId"] as string;
  const day = utcDay(row["timestamp"] as number);
  for (const { facet, value } of facetsOf(row)) {
    const key = `${projectId}\u0000${facet}\u0000${value}\u0000${day}`;
    let entry = counts.get(key);
    if (!entry) {
      entry = { projectId, facet, value, day, traces: 0 };
      counts.set(key, entry);
    }
    entry.traces += sign;
  }
}

function without(all: readonly FacetValue[], others: readonly FacetValue[]): FacetValue[] {
  return all.filter((one) => !others.some(({ facet, value }) => facet === one.facet && value === one.value));
}
