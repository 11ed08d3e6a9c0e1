import type { Facet } from "../schema/usage.ts";
import type { Row } from "./recordset.ts";
import type { RowChange } from "./upsert-merged.ts";
import { utcDay } from "./utc-day.ts";

/** What a batch's changes of traces mean for `facet_usage`, as its statement reads it. */
export type FacetChanges = {
  /** Values that a trace gained (1) or lost (-1): its usage goes along. */
  readonly moved: ReadonlyArray<{ project_id: string; trace_id: string; facet: Facet; value: string; sign: 1 | -1 }>;
  /** Traces that joined a value on the UTC day of their timestamp, less those that left it. */
  readonly counted: ReadonlyArray<{ project_id: string; facet: Facet; value: string; day: string; traces: number }>;
};

export function facetChanges(changes: readonly RowChange[]): FacetChanges {
  const moved: Array<FacetChanges["moved"][number]> = [];
  const counted = new Map<string, FacetChanges["counted"][number]>();
  const count = (row: Row, { facet, value }: FacetValue, sign: 1 | -1) => {
    const [projectId, day] = [row["projectId"] as string, utcDay(row["timestamp"] as number)];
    const key = `${projectId}\u0000${facet}\u0000${value}\u0000${day}`;
    const entry = counted.get(key) ?? { project_id: projectId, facet, value, day, traces: 0 };
    entry.traces += sign;
    counted.set(key, entry);
  };
  for (const { before, after } of changes) {
    const [old, now] = [before ? facetsOf(before) : [], facetsOf(after)];
    for (const one of now) count(after, one, 1);
    if (!before) continue;
    for (const one of old) count(before, one, -1);
    const of = { project_id: after["projectId"] as string, trace_id: after["id"] as string };
    for (const one of without(now, old)) moved.push({ ...of, ...one, sign: 1 });
    for (const one of without(old, now)) moved.push({ ...of, ...one, sign: -1 });
  }
  return { moved, counted: [...counted.values()].filter(({ traces }) => traces !== 0) };
}

type FacetValue = { readonly facet: Facet; readonly value: string };

/** As the statement that applies usage reads them from the trace's row. */
function facetsOf(trace: Row): FacetValue[] {
  const facets: FacetValue[] = [{ facet: "environment", value: (trace["environment"] as string | null) ?? "default" }];
  for (const facet of ["name", "release", "version"] as const) {
    const value = trace[facet] as string | null | undefined;
    if (typeof value === "string") facets.push({ facet, value });
  }
  return facets;
}

function without(all: readonly FacetValue[], others: readonly FacetValue[]): FacetValue[] {
  return all.filter((one) => !others.some(({ facet, value }) => facet === one.facet && value === one.value));
}
