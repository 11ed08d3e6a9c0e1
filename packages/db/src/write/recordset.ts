import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/*
 * Rows travel to PostgreSQL as one array a column. That costs the client a tenth of the query builder's
 * value lists, PostgreSQL no more than a COPY and a third less than rows of JSON, and the parameter
 * count depends on the columns alone, so no batch meets the limit of 65,535.
 */

/** Values by property of the Drizzle table; timestamps in Unix epoch microseconds. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows as a table that a statement selects from. */
export type Recordset = {
  /** `unnest(…) as r(…)`, for a FROM. */
  readonly from: SQL;
  /** The value of a property, of its column's type. */
  value(property: string): SQL;
  /** The values of all properties in their order, comma-separated. */
  readonly values: SQL;
};

export function recordset(table: PgTable, properties: readonly string[], rows: readonly Row[]): Recordset {
  const fields = columnsOf(table, properties).map(toField);
  const arrays = fields.map(({ property, wire }) => {
    const values = rows.map((row) => encodeValue(row[property], wire));
    return sql`${`{${values.join(",")}}`}::${sql.raw(wire.type)}[]`;
  });
  const names = fields.map(({ name }) => sql.identifier(name));
  const value = (property: string) => {
    const field = fields.find((candidate) => candidate.property === property);
    if (!field) throw new Error(`No value for ${property}`);
    return valueOf(field);
  };
  return {
    from: sql`unnest(${sql.join(arrays, sql`, `)}) as r(${sql.join(names, sql`, `)})`,
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

/** How values of a column are sent: as arrays of `type`, from which `read` makes the column's own. */
type Wire = { readonly type: string; readonly isJson: boolean; readonly read: (value: SQL) => SQL };

type Field = { readonly property: string; readonly name: string; readonly wire: Wire };

function toField({ property, column }: NamedColumn, index: number): Field {
  return { property, name: `c${index}`, wire: wireOf(column.getSQLType()) };
}

function wireOf(columnType: string): Wire {
  const type = columnType.replace(/ COLLATE .*/, "");
  // Exact: microseconds since the epoch fit a double, and an interval counts in microseconds.
  if (type === "timestamp with time zone") {
    return {
      type: "bigint",
      isJson: false,
      read: (value) => sql`timestamptz 'epoch' + ${value} * interval '1 microsecond'`,
    };
  }
  // unnest would take an array of arrays apart to the last text.
  if (type.endsWith("[]")) return { type: "text", isJson: false, read: (value) => sql`${value}::${sql.raw(type)}` };
  return { type, isJson: type === "json" || type === "jsonb", read: (value) => value };
}

function valueOf({ name, wire }: Field): SQL {
  return wire.read(sql`r.${sql.identifier(name)}`);
}

/** One element of an array's text. Source: PostgreSQL manual, "Array Input and Output Syntax". */
function encodeValue(value: unknown, wire: Wire): string {
  if (value === null || value === undefined) return "NULL";
  if (wire.isJson) return quoteJson(value);
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return quote(`{${value.map((element) => quote(String(element))).join(",")}}`);
  return JSON.stringify(value);
}

/** JSON text has no control characters, and of the rest JSON escapes the same two as an array does. */
function quoteJson(value: unknown): string {
  // A model's answer is one long plain text, and is long to look through twice.
  if (typeof value === "string" && IS_PLAIN.test(value)) return `"\\"${value}\\""`;
  return JSON.stringify(JSON.stringify(value));
}

function quote(text: string): string {
  return `"${NEEDS_ESCAPE.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
}

const NEEDS_ESCAPE = /["\\]/;
/** What JSON keeps as it is: no quote, backslash or control character, and no surrogate, since UTF-8 has no form for half a pair. */
const IS_PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;
