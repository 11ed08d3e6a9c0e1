import { isoFromUs, type AnalyticsAggregation, type AnalyticsQuery } from "@xtrace/contract";
import { and, eq, getTableName, sql, type SQL } from "drizzle-orm";
import { filterConditions } from "../filter/filter-conditions.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { filterColumnsOf } from "./query-problems.ts";
import type { RowSource } from "./row-source.ts";
import type { AnalyticsView, Join, Measure } from "./view.ts";
import { VIEWS } from "./views.ts";

/**
 * The rows of the project and the time range, each read.
 *
 * Reads the index that the view's table has on its time, or on a filter and the time. PostgreSQL 18 also skips through an index on
 * something else and the time, and takes every index that begins with the project to be in the order of the table, so it chose the
 * smallest: a month of 5 M observations by their names looked at 1.27 M pages in no order, by their starts at 0.37 M. Rows
 * that are asked for in the order of time are read in it, by one process instead of three. Where another table is filtered by, the planner is free:
 * that table may have the few rows to begin with.
 */
export function rawSource(query: AnalyticsQuery, projectId: string): RowSource {
  const view = VIEWS[query.view];
  const where = and(
    eq(view.projectId, projectId),
    sql`${view.time} >= ${isoFromUs(query.fromTimestamp)}::timestamptz`,
    sql`${view.time} <= ${isoFromUs(query.toTimestamp)}::timestamptz`,
    view.condition,
    filterConditions(filterColumnsOf(view), query.filters),
  );
  const isOwn = query.filters.every(({ column }) => joinOf(view, column) === undefined);
  const inTime = sql`(select * from ${view.table} where ${where} order by ${view.time}) as ${sql.identifier(getTableName(view.table))}`;
  return {
    from: sql`${isOwn ? inTime : view.table} ${joinsOf(view, query)}`,
    where: isOwn ? undefined : where,
    time: sql`${view.time}`,
    dimension: (field) => known(view.dimensions, field).value,
    aggregate: ({ aggregation, measure }) => aggregate(aggregation, known(view.measures, measure)),
  };
}

function known<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined) throw new Error(`Not of this view: ${name}`);
  return found;
}

const QUANTILES = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

function aggregate(aggregation: AnalyticsAggregation, { value, double = value }: Measure): SQL {
  switch (aggregation) {
    case "count":
      return sql`count(${value})::double precision`;
    case "uniq":
      return sql`count(distinct ${value})::double precision`;
    case "sum":
      return sql`coalesce(sum(${value}), 0)::double precision`;
    case "avg":
      return sql`avg(${value})::double precision`;
    case "max":
      return sql`max(${value})::double precision`;
    case "min":
      return sql`min(${value})::double precision`;
    case "histogram":
      // Cut into bins outside of the groups, where their least and greatest values are known.
      return sql`array_agg(${double}) filter (where ${value} is not null)`;
    case "p50":
    case "p75":
    case "p90":
    case "p95":
    case "p99":
      return sql`percentile_cont(${QUANTILES[aggregation]}::double precision) within group (order by ${double})`;
  }
}

function joinsOf(view: AnalyticsView, query: AnalyticsQuery): SQL {
  const named = [...query.dimensions.map(({ field }) => field), ...query.filters.map(({ column }) => column)];
  const joins = new Set(named.map((name) => joinOf(view, name)));
  // A score may judge what is not there, and is counted all the same.
  const parts = [...joins].flatMap((join) =>
    join ? [sql`left join ${TABLES[join]} on ${view.joins[join] ?? sql`false`}`] : [],
  );
  return sql.join(parts, sql` `);
}

function joinOf(view: AnalyticsView, name: string): Join | undefined {
  return Object.hasOwn(view.dimensions, name) ? view.dimensions[name]?.join : undefined;
}

const TABLES = { traces, observations } satisfies Record<Join, unknown>;
