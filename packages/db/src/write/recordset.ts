import { isoFromUs } from "@xtrace/contract";
import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/*
 * Rows travel to PostgreSQL as one JSON parameter a statement. That costs the client a tenth of the
 * query builder's value lists, and a constant parameter count knows no limit of 65,535.
 */

/** Values by property of the Drizzle table; timestamps in Unix epoch microseconds. */
export type Row = Readonly<Record<string, unknown>>;

/** `json_to_recordset(…) as r(…)`: the rows with the table's own names and types for `properties`. */
export function recordset(table: PgTable, properties: readonly string[], rows: readonly Row[]): SQL {
  const columns = columnsOf(table, properties);
  const definitions = columns.map(({ column }) => sql`${sql.identifier(column.name)} ${sql.raw(column.getSQLType())}`);
  // `json`, not `jsonb`, keeps key order and number text of what goes into `json` columns.
  return sql`json_to_recordset(${encodeRows(columns, rows)}::text::json) as r(${sql.join(definitions, sql`, `)})`;
}

/** The column names of `properties`, comma-separated, each behind `prefix`. */
export function columnList(table: PgTable, properties: readonly string[], prefix?: string): SQL {
  const names = columnsOf(table, properties).map(({ column }) =>
    prefix === undefined ? sql.identifier(column.name) : sql`${sql.identifier(prefix)}.${sql.identifier(column.name)}`,
  );
  return sql.join(names, sql`, `);
}

type NamedColumn = { readonly property: string; readonly column: PgColumn };

export function columnsOf(table: PgTable, properties: readonly string[]): NamedColumn[] {
  const all: Record<string, PgColumn> = getTableColumns(table);
  return properties.map((property) => {
    const column = all[property];
    if (!column) throw new Error(`No column for ${property}`);
    return { property, column };
  });
}

function encodeRows(columns: readonly NamedColumn[], rows: readonly Row[]): string {
  const targets = columns.map(({ property, column }) => ({
    property,
    name: column.name,
    isTime: column.getSQLType() === "timestamp with time zone",
  }));
  return JSON.stringify(
    rows.map((row) => {
      const encoded: Record<string, unknown> = {};
      for (const { property, name, isTime } of targets) {
        const value = row[property] ?? null;
        encoded[name] = isTime && typeof value === "number" ? isoFromUs(value) : value;
      }
      return encoded;
    }),
  );
}
