import type { AnalyticsQuery } from "@xtrace/contract";
import type { Database } from "../client.ts";
import { compileQuery } from "./compile-query.ts";
import { bucketsBetween, granularityOf } from "./granularity.ts";
import { columnOf } from "./query-problems.ts";

export type AnalyticsRow = Record<string, unknown>;

/**
 * The groups of a query without problems, by the names on the wire: numbers, texts, lists of texts, and `null` where
 * there is no value. At most `rowLimit` of them, or what the query says.
 */
export async function runAnalyticsQuery(
  db: Database,
  query: AnalyticsQuery,
  options: { readonly projectId: string; readonly rowLimit: number },
): Promise<AnalyticsRow[]> {
  const rowLimit = query.config?.row_limit ?? options.rowLimit;
  const { statement, columns } = compileQuery(query, {
    projectId: options.projectId,
    rowLimit,
    nowUs: Date.now() * 1000,
  });
  const rows = await db.execute(statement);
  const named = rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[`c${index}`] ?? null])));
  return withEmptyBuckets(query, named, rowLimit);
}

/**
 * A series over time alone has a row for every bucket of its range, as Langfuse fills it up: what is counted or summed
 * is 0 where there is nothing, everything else `null`.
 */
function withEmptyBuckets(query: AnalyticsQuery, rows: AnalyticsRow[], rowLimit: number): AnalyticsRow[] {
  const granularity = granularityOf(query);
  const isOrdered = query.orderBy && query.orderBy.length > 0;
  if (!granularity || isOrdered || query.dimensions.length > 0) return rows;
  const found = new Map(rows.map((row) => [row["time_dimension"], row]));
  const nothing = Object.fromEntries(
    query.metrics.map((metric) => [columnOf(metric), NOTHING[metric.aggregation] ?? null]),
  );
  const buckets = bucketsBetween(granularity, query.fromTimestamp, query.toTimestamp, rowLimit);
  for (const bucket of buckets) if (!found.has(bucket)) found.set(bucket, { time_dimension: bucket, ...nothing });
  const sorted = [...found.values()].toSorted((a, b) =>
    String(a["time_dimension"]) < String(b["time_dimension"]) ? -1 : 1,
  );
  return sorted.slice(0, rowLimit);
}

const NOTHING: Readonly<Partial<Record<AnalyticsQuery["metrics"][number]["aggregation"], number>>> = {
  count: 0,
  sum: 0,
  uniq: 0,
};
