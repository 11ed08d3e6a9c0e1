import { DAY_US, HOUR_US, type AnalyticsQuery } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";
import type { FilterColumns } from "../filter/filter-columns.ts";
import { filterConditions } from "../filter/filter-conditions.ts";
import type { Facet } from "../schema/usage.ts";
import { granularityOf } from "./granularity.ts";
import { ROLLED_VIEWS, type RolledView } from "./rolled-view.ts";
import { hourRows, traceRows, usageRows } from "./rollup-rows.ts";
import type { RowSource } from "./row-source.ts";
import { wholeUnits } from "./whole-units.ts";

type Metric = AnalyticsQuery["metrics"][number];

/**
 * The rollups' rows of whole hours or days, and the rows of the parts of them at the ends of the range, which are
 * added or taken away. `undefined` where the rollups do not know all that the query asks for.
 *
 * One statement reads both, so a batch that is committed meanwhile is in all numbers or in none.
 */
export function rollupSource(
  query: AnalyticsQuery,
  options: { readonly projectId: string; readonly nowUs: number },
): RowSource | undefined {
  const view = ROLLED_VIEWS[query.view];
  const asked = view && askedOf(view, query);
  if (!asked) return undefined;
  const range = { fromUs: query.fromTimestamp, toUs: query.toTimestamp + 1 };
  const parts = wholeUnits(range, asked.unit === "hour" ? HOUR_US : DAY_US, options.nowUs);
  if (!parts) return undefined;
  const { projectId } = options;
  return {
    from: sql`(${rowsOf(query, asked, { projectId, ...parts })}) as r`,
    where: filterConditions(asked.columns, query.filters),
    // What was taken away is not a group of nothing.
    having: sql`sum(r.n) > 0`,
    time: sql`r.time`,
    dimension: (field) => asked.columns[field]?.value ?? sql`null`,
    aggregate: (metric) => aggregate(view, metric),
  };
}

type Asked = {
  readonly unit: "hour" | "day";
  readonly facet: Facet | undefined;
  /** Of the dimensions and filters that the query names. */
  readonly columns: FilterColumns;
};

function askedOf(view: RolledView, query: AnalyticsQuery): Asked | undefined {
  const named = [...query.dimensions.map(({ field }) => field), ...query.filters.map(({ column }) => column)];
  const facets = new Set(named.flatMap((name) => (Object.hasOwn(view.facets, name) ? [view.facets[name]] : [])));
  const column = (name: string) => {
    if (Object.hasOwn(view.facets, name)) return sql`r.facet`;
    return Object.hasOwn(view.dimensions, name) ? sql`r.${sql.identifier(view.dimensions[name] ?? "")}` : undefined;
  };
  const columns: Record<string, FilterColumns[string]> = {};
  for (const name of named) {
    const value = column(name);
    if (!value) return undefined;
    columns[name] = { kind: "string", value };
  }
  const isKnown = query.metrics.every((metric) => isCount(metric) || isSum(view, metric));
  if (!isKnown || facets.size > 1) return undefined;
  const unit = named.length === 0 && query.metrics.every(isCount) ? "hour" : "day";
  const granularity = granularityOf(query);
  if (granularity === "minute" || (granularity === "hour" && unit === "day")) return undefined;
  const [facet] = facets;
  return { unit, facet, columns };
}

function isCount({ measure, aggregation }: Metric): boolean {
  return measure === "count" && (aggregation === "count" || aggregation === "sum");
}

/** An average of costs is over those that have one, and how many have is not known. */
function isSum(view: RolledView, { measure, aggregation }: Metric): boolean {
  const isTokens = measure !== "totalCost";
  return Object.hasOwn(view.sums, measure) && (aggregation === "sum" || (aggregation === "avg" && isTokens));
}

function rowsOf(query: AnalyticsQuery, { unit, facet, columns }: Asked, parts: Parameters<typeof hourRows>[1]): SQL {
  const view = query.view === "traces" ? "traces" : "observations";
  if (unit === "hour") return hourRows(view, parts);
  if (view === "observations") return usageRows({ facet, model: Object.hasOwn(columns, "providedModelName") }, parts);
  if (facet === undefined) throw new Error("Traces by day have a facet");
  return traceRows(facet, parts);
}

function aggregate(view: RolledView, { measure, aggregation }: Metric): SQL {
  const column = Object.hasOwn(view.sums, measure) ? view.sums[measure] : undefined;
  const sum = sql`sum(r.${sql.identifier(column ?? "n")})`;
  if (aggregation === "avg") return sql`(${sum} / nullif(sum(r.n), 0))::double precision`;
  return sql`coalesce(${sum}, 0)::double precision`;
}
