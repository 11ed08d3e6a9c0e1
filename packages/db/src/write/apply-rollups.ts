import { sql, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../client.ts";
import { dailyUsage, facetUsage, hourlyCounts } from "../schema/usage.ts";
import type { HourlyDelta } from "./hourly-deltas.ts";
import { columnList, columnsOf, recordset, type Row } from "./recordset.ts";
import { compareKeys, rowKeyText } from "./upsert-merged.ts";
import type { DailyDelta, FacetDelta } from "./usage-rollups.ts";

type Rollup = { readonly table: PgTable; readonly key: readonly string[]; readonly sums: readonly string[] };

const USAGE = [
  "traceCount",
  "observationCount",
  "promptTokens",
  "completionTokens",
  "totalTokens",
  "totalCost",
] as const;

const DAILY: Rollup = { table: dailyUsage, key: ["projectId", "day", "type", "model"], sums: USAGE };
const FACETS: Rollup = {
  table: facetUsage,
  key: ["projectId", "facet", "value", "day", "type", "model"],
  sums: USAGE,
};
const HOURLY: Rollup = {
  table: hourlyCounts,
  key: ["projectId", "hour"],
  sums: ["traceCount", "observationCount", "scoreCount"],
};

export type RollupDeltas = {
  readonly daily: readonly DailyDelta[];
  readonly facets: readonly FacetDelta[];
  readonly hourly: readonly HourlyDelta[];
};

/**
 * Adds a batch's differences to the rollups, in one statement. Their rows are shared by all writers of a project:
 * they are taken last, in key order, and by every writer in the same order of tables.
 */
export async function applyRollups(tx: Database, deltas: RollupDeltas): Promise<void> {
  const { daily, facets, hourly } = deltas;
  if (daily.length === 0 && facets.length === 0 && hourly.length === 0) return;
  await tx.execute(sql`
    with daily as (${addTo(DAILY, daily.map(toRow))}), hourly as (${addTo(HOURLY, hourly)})
    ${addTo(FACETS, facets.map(toRow))}`);
}

/**
 * Removes rows that count nothing any more: their keys hold names that users gave. Only what `applyRollups` changed in
 * the same transaction, which holds the rows; a writer that waits for one of them inserts it anew.
 */
export async function forgetEmptyRollups(tx: Database, { daily, facets, hourly }: RollupDeltas): Promise<void> {
  await forgetEmpty(tx, DAILY, daily.map(toRow));
  await forgetEmpty(tx, FACETS, facets.map(toRow));
  await forgetEmpty(tx, HOURLY, hourly);
}

async function forgetEmpty(tx: Database, { table, key, sums }: Rollup, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const changed = recordset(table, key, rows);
  const counts = columnsOf(table, sums).filter(({ property }) => property.endsWith("Count"));
  const isEmpty = counts.map(({ column }) => sql`${column} = 0`);
  await tx.execute(sql`
    delete from ${table} where (${columnList(table, key)}) in (select ${changed.values} from ${changed.from})
    and ${sql.join(isEmpty, sql` and `)}`);
}

function addTo({ table, key, sums }: Rollup, rows: readonly Row[]): SQL {
  const columns = [...key, ...sums];
  const added = recordset(table, columns, inKeyOrder(key, rows));
  const assignments = columnsOf(table, sums).map(({ property, column }) => {
    const name = sql.identifier(column.name);
    const sum = sql`${table}.${name} + excluded.${name}`;
    // A cost that came and went would leave 0.00 where another order of events leaves 0.
    return property === "totalCost" ? sql`${name} = trim_scale(${sum})` : sql`${name} = ${sum}`;
  });
  return sql`
    insert into ${table} (${columnList(table, columns)}) select ${added.values} from ${added.from}
    on conflict (${columnList(table, key)}) do update set ${sql.join(assignments, sql`, `)}`;
}

type Keyed = { readonly row: Row; readonly keyText: string };

function inKeyOrder(key: readonly string[], rows: readonly Row[]): Row[] {
  const keyed: Keyed[] = [];
  for (const row of rows) keyed.push({ row, keyText: rowKeyText(key, row) });
  return keyed.toSorted(compareKeys).map(rowOf);
}

function rowOf({ row }: Keyed): Row {
  return row;
}

function toRow({ sums, ...key }: DailyDelta | FacetDelta): Row {
  return { ...key, ...sums, totalCost: sums.totalCost?.toFixed() ?? "0" };
}
