import type { AnalyticsQuery } from "@xtrace/contract";
import { sql, type SQL } from "drizzle-orm";
import { bucketOf, formatOf, granularityOf } from "./granularity.ts";
import { columnOf } from "./query-problems.ts";
import { rawSource } from "./raw-source.ts";
import { rollupSource } from "./rollup-source.ts";
import type { RowSource } from "./row-source.ts";

/** Source: Langfuse. */
const DEFAULT_BINS = 10;

/** A statement, and the name on the wire of each of its columns, which are called c0, c1, …. */
export type CompiledQuery = { readonly statement: SQL; readonly columns: readonly string[] };

/** `grouped` is its value in the groups, `shown` what the answer makes of that. */
type Column = { readonly name: string; readonly isKey: boolean; readonly grouped: SQL; shown(value: SQL): SQL };

/** One statement for a query without problems: what is of the project and the time range, grouped, ordered, cut. */
export function compileQuery(
  query: AnalyticsQuery,
  options: { readonly projectId: string; readonly rowLimit: number; readonly nowUs: number },
): CompiledQuery {
  const source = rollupSource(query, options) ?? rawSource(query, options.projectId);
  const columns = columnsOf(source, query);
  const grouped = columns.map((column, index) => sql`${column.grouped} as ${nameOf(index)}`);
  const shown = columns.map((column, index) => sql`${column.shown(sql`g.${nameOf(index)}`)} as ${nameOf(index)}`);
  const keys = columns.flatMap(({ isKey }, index) => (isKey ? [sql.raw(String(index + 1))] : []));
  const having = source.having ? sql`having ${source.having}` : sql``;
  const statement = sql`
    select ${sql.join(shown, sql`, `)} from (
      select ${sql.join(grouped, sql`, `)} from ${source.from}
      ${source.where ? sql`where ${source.where}` : sql``}
      ${keys.length === 0 ? sql`` : sql`group by ${sql.join(keys, sql`, `)} ${having}`}
    ) as g
    ${orderOf(query, columns)} limit ${options.rowLimit}`;
  return { statement, columns: columns.map(({ name }) => name) };
}

function columnsOf(source: RowSource, query: AnalyticsQuery): Column[] {
  const asItIs = (value: SQL) => value;
  const granularity = granularityOf(query);
  return [
    ...query.dimensions.map(({ field }) => ({
      name: field,
      isKey: true,
      grouped: source.dimension(field),
      shown: asItIs,
    })),
    ...(granularity
      ? [
          {
            name: "time_dimension",
            isKey: true,
            grouped: bucketOf(granularity, source.time),
            shown: (bucket: SQL) => sql`to_char(${bucket} at time zone 'UTC', ${formatOf(granularity)})`,
          },
        ]
      : []),
    ...query.metrics.map((metric) => ({
      name: columnOf(metric),
      isKey: false,
      grouped: source.aggregate(metric),
      shown:
        metric.aggregation === "histogram"
          ? (values: SQL) => binsOf(values, query.config?.bins ?? DEFAULT_BINS)
          : asItIs,
    })),
  ];
}

function nameOf(index: number): SQL {
  return sql`${sql.identifier(`c${index}`)}`;
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
