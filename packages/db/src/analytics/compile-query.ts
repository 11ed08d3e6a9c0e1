import { isoFromUs, type AnalyticsAggregation, type AnalyticsQuery } from "@xtrace/contract";
import { and, eq, sql, type SQL } from "drizzle-orm";
import { filterConditions } from "../filter/filter-conditions.ts";
import { observations } from "../schema/observations.ts";
import { traces } from "../schema/traces.ts";
import { formatOf, granularityOf } from "./granularity.ts";
import { columnOf, filterColumnsOf } from "./query-problems.ts";
import type { AnalyticsView, Join, Measure } from "./view.ts";
import { VIEWS } from "./views.ts";

/** Source: Langfuse. */
const DEFAULT_BINS = 10;

/** A statement, and the name on the wire of each of its columns, which are called c0, c1, …. */
export type CompiledQuery = { readonly statement: SQL; readonly columns: readonly string[] };

type Column = { readonly name: string; readonly isKey: boolean; readonly grouped: SQL; readonly shown: SQL };

/**
 * One statement for a query without problems: rows of the project and the time range, grouped, ordered, cut.
 *
 * Reads the index that the view's table has on its time. Joined tables are looked up by their primary keys.
 */
export function compileQuery(
  query: AnalyticsQuery,
  options: { readonly projectId: string; readonly rowLimit: number },
): CompiledQuery {
  const view = VIEWS[query.view];
  const columns = columnsOf(view, query);
  const grouped = columns.map(({ grouped: value }, index) => sql`${value} as ${nameOf(index)}`);
  const shown = columns.map(({ shown: value }, index) => sql`${value} as ${nameOf(index)}`);
  const keys = columns.flatMap(({ isKey }, index) => (isKey ? [sql.raw(String(index + 1))] : []));
  const statement = sql`
    select ${sql.join(shown, sql`, `)} from (
      select ${sql.join(grouped, sql`, `)} from ${view.table} ${joinsOf(view, query)}
      where ${whereOf(view, query, options.projectId)}
      ${keys.length === 0 ? sql`` : sql`group by ${sql.join(keys, sql`, `)}`}
    ) as g
    ${orderOf(query, columns)} limit ${options.rowLimit}`;
  return { statement, columns: columns.map(({ name }) => name) };
}

function columnsOf(view: AnalyticsView, query: AnalyticsQuery): Column[] {
  const columns: Array<Omit<Column, "shown"> & { readonly metric?: AnalyticsQuery["metrics"][number] }> = [];
  for (const { field } of query.dimensions) {
    columns.push({ name: field, isKey: true, grouped: known(view.dimensions, field).value });
  }
  const granularity = granularityOf(query);
  if (granularity) {
    const bucket = sql`date_trunc(${granularity}, ${view.time} at time zone 'UTC')`;
    columns.push({
      name: "time_dimension",
      isKey: true,
      grouped: sql`to_char(${bucket}, ${formatOf(granularity)})`,
    });
  }
  for (const metric of query.metrics) {
    const grouped = aggregate(metric.aggregation, known(view.measures, metric.measure));
    columns.push({ name: columnOf(metric), isKey: false, grouped, metric });
  }
  return columns.map(({ metric, ...column }, index) => {
    const value = sql`g.${nameOf(index)}`;
    const isHistogram = metric?.aggregation === "histogram";
    return { ...column, shown: isHistogram ? binsOf(value, query.config?.bins ?? DEFAULT_BINS) : value };
  });
}

function nameOf(index: number): SQL {
  return sql`${sql.identifier(`c${index}`)}`;
}

function known<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined) throw new Error(`Not of this view: ${name}`);
  return found;
}

const QUANTILES = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

function aggregate(aggregation: AnalyticsAggregation, { value }: Measure): SQL {
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
      return sql`array_agg((${value})::double precision) filter (where ${value} is not null)`;
    case "p50":
    case "p75":
    case "p90":
    case "p95":
    case "p99":
      return sql`percentile_cont(${QUANTILES[aggregation]}::double precision) within group (order by (${value})::double precision)`;
  }
}

/** `[[lower, upper, count], …]`, bins of equal width from the least value to the greatest; one bin where they are the same. */
function binsOf(values: SQL, bins: number): SQL {
  return sql`(
    with e as materialized (
      select min(v) as lo, max(v) as hi, case when min(v) < max(v) then ${bins}::int else 1 end as bins
      from unnest(${values}) as v having count(*) > 0
    ), counted as (
      select case when e.bins = 1 then 1 else least(width_bucket(v, e.lo, e.hi, e.bins), e.bins) end as bin, count(*) as n
      from e, unnest(${values}) as v group by 1
    )
    select coalesce(json_agg(json_build_array(
      e.lo + (b.bin - 1) * (e.hi - e.lo) / e.bins,
      case when b.bin = e.bins then e.hi else e.lo + b.bin * (e.hi - e.lo) / e.bins end,
      coalesce(counted.n, 0)) order by b.bin), '[]'::json)
    from e cross join generate_series(1, e.bins) as b(bin) left join counted on counted.bin = b.bin)`;
}

function joinsOf(view: AnalyticsView, query: AnalyticsQuery): SQL {
  const named = [...query.dimensions.map(({ field }) => field), ...query.filters.map(({ column }) => column)];
  const joins = new Set(
    named.map((name) => (Object.hasOwn(view.dimensions, name) ? view.dimensions[name]?.join : undefined)),
  );
  // A score may judge what is not there, and is counted all the same.
  const parts = [...joins].flatMap((join) =>
    join ? [sql`left join ${TABLES[join]} on ${view.joins[join] ?? sql`false`}`] : [],
  );
  return sql.join(parts, sql` `);
}

const TABLES = { traces, observations } satisfies Record<Join, unknown>;

function whereOf(view: AnalyticsView, query: AnalyticsQuery, projectId: string): SQL | undefined {
  return and(
    eq(view.projectId, projectId),
    sql`${view.time} >= ${isoFromUs(query.fromTimestamp)}::timestamptz`,
    sql`${view.time} <= ${isoFromUs(query.toTimestamp)}::timestamptz`,
    view.condition,
    filterConditions(filterColumnsOf(view), query.filters),
  );
}

/** As asked, else by time, else the largest first; then by all keys, so that a cut is the same every time. */
function orderOf(query: AnalyticsQuery, columns: readonly Column[]): SQL {
  const place = (name: string) => columns.findIndex((column) => column.name === name) + 1;
  const asked = query.orderBy?.map(({ field, direction }) => ({ at: place(field), direction })) ?? [];
  if (asked.length === 0 && query.timeDimension) asked.push({ at: place("time_dimension"), direction: "asc" });
  const [first] = query.metrics;
  if (asked.length === 0 && first && first.aggregation !== "histogram") {
    asked.push({ at: place(columnOf(first)), direction: "desc" });
  }
  const keys = columns.flatMap(({ isKey }, index) => (isKey ? [{ at: index + 1, direction: "asc" as const }] : []));
  const order = [...asked, ...keys];
  if (order.length === 0) return sql``;
  const parts = order.map(({ at, direction }) => sql`${sql.raw(String(at))} ${DIRECTION[direction]} nulls last`);
  return sql`order by ${sql.join(parts, sql`, `)}`;
}

const DIRECTION = { asc: sql`asc`, desc: sql`desc` };
