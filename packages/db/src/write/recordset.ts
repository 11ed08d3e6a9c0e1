import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/*
 * Rows travel to PostgreSQL as one JSON parameter a statement. That costs the client a tenth of the
 * query builder's value lists, and a constant parameter count knows no limit of 65,535.
 *
 * PostgreSQL reads the text three times (as json, as records, each json value again), so it is kept
 * short: one-letter names, nothing for nulls, times as numbers.
 */

/** Values by property of the Drizzle table; timestamps in Unix epoch microseconds. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows as a table that a statement selects from. */
export type Recordset = {
  /** `json_to_recordset(…) as r(…)`, for a FROM. */
  readonly from: SQL;
  /** The value of a property, of its column's type. */
  value(property: string): SQL;
  /** The values of all properties in their order, comma-separated. */
  readonly values: SQL;
};

export function recordset(table: PgTable, properties: readonly string[], rows: readonly Row[]): Recordset {
  const fields = columnsOf(table, properties).map(toField);
  const definitions = fields.map(({ name, type }) => sql`${sql.identifier(name)} ${sql.raw(type)}`);
  const value = (property: string) => {
    const field = fields.find((candidate) => candidate.property === property);
    if (!field) throw new Error(`No value for ${property}`);
    return valueOf(field);
  };
  return {
    // `json`, not `jsonb`, keeps key order and number text of what goes into `json` columns.
    from: sql`json_to_recordset(${encodeRows(fields, rows)}::text::json) as r(${sql.join(definitions, sql`, `)})`,
    value,
    values: sql.join(fields.map(valueOf), sql`, `),
  };
}

/** The column names of `properties`, comma-separated. */
export function columnList(table: PgTable, properties: readonly string[]): SQL {
  const names = columnsOf(table, properties).map(({ column }) => sql.identifier(column.name));
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

/** A column on its way: `type` is how its values are sent. */
type Field = {
  readonly property: string;
  readonly name: string;
  readonly type: string;
  readonly isTime: boolean;
};

function toField({ property, column }: NamedColumn, index: number): Field {
  const isTime = column.getSQLType() === "timestamp with time zone";
  return { property, name: `c${index}`, type: isTime ? "bigint" : column.getSQLType(), isTime };
}

/** Exact: microseconds since the epoch fit a double, and an interval counts in microseconds. */
function valueOf({ name, isTime }: Field): SQL {
  const value = sql`r.${sql.identifier(name)}`;
  return isTime ? sql`timestamptz 'epoch' + ${value} * interval '1 microsecond'` : value;
}

/** Text by text: an object a row for `JSON.stringify` costs half as much again. */
function encodeRows(fields: readonly Field[], rows: readonly Row[]): string {
  const heads = fields.map(({ property, name }) => ({ property, first: `"${name}":`, next: `,"${name}":` }));
  const texts = rows.map((row) => {
    let text = "";
    for (const { property, first, next } of heads) {
      const value = row[property];
      if (value === null || value === undefined) continue;
      text += (text === "" ? first : next) + JSON.stringify(value);
    }
    return `{${text}}`;
  });
  return `[${texts.join(",")}]`;
}
