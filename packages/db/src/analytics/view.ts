import { sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { FilterColumns } from "../filter/filter-columns.ts";

/** A table beside the view's own, joined only when something asks for it. */
export type Join = "traces" | "observations";

/** What rows can be grouped and filtered by. */
export type Dimension = FilterColumns[string] & {
  readonly join?: Join;
  /** Nearly as many values as rows: groups of it are told only to those who ask for the largest few. */
  readonly isHighCardinality?: boolean;
};

/** A value of each row. Only numbers can be summed. `double` is the same in double precision, for what compares and does not add. */
export type Measure =
  | { readonly kind: "number"; readonly value: SQL; readonly double: SQL }
  | { readonly kind: "string"; readonly value: SQL; readonly double?: undefined };

/** All that a query may name, and what it means in SQL: nothing that a client wrote gets into a statement but as a parameter. */
export type AnalyticsView = {
  readonly table: PgTable;
  readonly projectId: PgColumn;
  /** What the time range and the time dimension go by; an index of the table has it behind the project. */
  readonly time: PgColumn;
  /** Which rows of the table are the view's; all where it is absent. */
  readonly condition?: SQL;
  readonly joins: Readonly<Partial<Record<Join, SQL>>>;
  readonly dimensions: Readonly<Record<string, Dimension>>;
  readonly measures: Readonly<Record<string, Measure>>;
  /** Columns that can be filtered by, beside the dimensions. */
  readonly filterOnly: FilterColumns;
};

export const text = (value: SQL, more: Omit<Dimension, "kind" | "value"> = {}): Dimension => ({
  kind: "string",
  value,
  ...more,
});

export const number = (value: SQL, double: SQL = sql`(${value})::double precision`): Measure => ({
  kind: "number",
  value,
  double,
});

/** How many rows there are, whatever is in them. */
export const ROWS: Measure = number(sql`1`);

/** `2026-01` of a time, UTC. */
export function monthOf(time: PgColumn): SQL {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM')`;
}

/** Milliseconds, as all latencies of metrics. In double precision a million cost 0.3 s less than as exact decimals. */
export function duration(from: SQL, to: SQL): Measure {
  return number(msBetween(from, to), sql`(round(date_part('epoch', ${to} - ${from}) * 1000000) / 1000)`);
}

/** Exact: of microseconds. */
export function msBetween(from: SQL, to: SQL): SQL {
  return sql`(extract(epoch from ${to} - ${from}) * 1000)`;
}
