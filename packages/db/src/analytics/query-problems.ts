import type { AnalyticsQuery } from "@xtrace/contract";
import { filterProblem, type FilterColumns } from "../filter/filter-columns.ts";
import type { AnalyticsView } from "./view.ts";
import { VIEWS } from "./views.ts";

export type QueryProblem = { readonly path: ReadonlyArray<string | number>; readonly message: string };

/** The columns that a filter of the view may name. */
export function filterColumnsOf(view: AnalyticsView): FilterColumns {
  return { ...view.filterOnly, ...view.dimensions };
}

/** The name of a metric in the answer. */
export function columnOf(metric: AnalyticsQuery["metrics"][number]): string {
  return `${metric.aggregation}_${metric.measure}`;
}

/** What of a query its view does not have; none for one that can be run. */
export function queryProblems(query: AnalyticsQuery): QueryProblem[] {
  const view = VIEWS[query.view];
  const problems: QueryProblem[] = [];
  const expect = (path: QueryProblem["path"], name: string, known: Readonly<Record<string, unknown>>) => {
    if (Object.hasOwn(known, name)) return;
    problems.push({ path, message: `expected one of ${Object.keys(known).join(", ")}` });
  };
  for (const [index, { field }] of query.dimensions.entries()) {
    expect(["dimensions", index, "field"], field, view.dimensions);
  }
  for (const [index, { measure, aggregation }] of query.metrics.entries()) {
    expect(["metrics", index, "measure"], measure, view.measures);
    const kind = Object.hasOwn(view.measures, measure) ? view.measures[measure]?.kind : undefined;
    if (kind === "string" && aggregation !== "count" && aggregation !== "uniq") {
      problems.push({ path: ["metrics", index, "aggregation"], message: "expected count or uniq of this measure" });
    }
  }
  const columns = filterColumnsOf(view);
  for (const [index, condition] of query.filters.entries()) {
    const message = filterProblem(columns, condition);
    if (message !== undefined) problems.push({ path: ["filters", index, "column"], message });
  }
  // A histogram is in no order.
  const ordered = query.metrics.filter(({ aggregation }) => aggregation !== "histogram");
  const answered = new Set([...query.dimensions.map(({ field }) => field), ...ordered.map(columnOf)]);
  if (query.timeDimension) answered.add("time_dimension");
  for (const [index, { field }] of (query.orderBy ?? []).entries()) {
    if (answered.has(field)) continue;
    problems.push({ path: ["orderBy", index, "field"], message: `expected one of ${[...answered].join(", ")}` });
  }
  return problems;
}

/**
 * Why groups by something with nearly as many values as rows are refused; `undefined` where the query has none, or
 * asks for the largest few by one of its metrics. Source: Langfuse's v2 metrics.
 */
export function cardinalityProblem(query: AnalyticsQuery): QueryProblem | undefined {
  const { dimensions } = VIEWS[query.view];
  const index = query.dimensions.findIndex(({ field }) => dimensions[field]?.isHighCardinality === true);
  if (index === -1) return undefined;
  const metrics = new Set(query.metrics.map(columnOf));
  const asksLargest =
    query.orderBy?.some(({ field, direction }) => direction === "desc" && metrics.has(field)) ?? false;
  if (asksLargest && query.config?.row_limit !== undefined && !query.timeDimension) return undefined;
  return {
    path: ["dimensions", index, "field"],
    message:
      "has too many values to group by: filter by it, or ask for the largest by orderBy desc and config.row_limit",
  };
}
