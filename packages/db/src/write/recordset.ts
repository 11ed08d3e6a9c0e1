import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/*
 * Rows travel to PostgreSQL as one array a column. That costs the client a tenth of the query builder's
 * value lists, PostgreSQL no more than a COPY and a third less than rows of JSON, and the parameter
 * count depends on the columns alone, so no batch meets the limit of 65,535.
 *
 * Texts and JSON travel as one text a column, with a control character between two values, which PostgreSQL takes apart in a third of
 * the time that an array's elements need: those are quoted, and each quote in JSON would have to be escaped here and read as such there.
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
  const columns = fields.map(({ property, wire }, index) => {
    const values = rows.map((row) => row[property] ?? null);
    // `unnest` makes the longest array's rows. Of some thirty columns, half are empty in most batches.
    return { wire, values: index > 0 && values.every(isNull) ? [] : values };
  });
  // All or none, since each form is a statement of its own that a connection remembers. Split, one empty text would be no element.
  const areSplit = rows.length > 1 && columns.every(({ wire, values }) => !wire.split || values.every(isSplittable));
  const arrays = columns.map(({ wire, values }) => (areSplit && wire.split ? wire.split(values) : wire.array(values)));
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

function isNull(value: unknown): boolean {
  return value === null;
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

/** How values of a column are sent, and how `read` makes the column's own of one that arrived. */
type Wire = {
  /** An array with an element for each value. */
  readonly array: (values: readonly unknown[]) => SQL;
  /** The same of texts that are all splittable. */
  readonly split?: (values: readonly unknown[]) => SQL;
  readonly read: (value: SQL) => SQL;
};

type Field = { readonly property: string; readonly name: string; readonly wire: Wire };

function toField({ property, column }: NamedColumn, index: number): Field {
  return { property, name: `c${index}`, wire: wireOf(column.getSQLType()) };
}

function wireOf(columnType: string): Wire {
  const type = columnType.replace(/ COLLATE .*/, "");
  if (type === "json" || type === "jsonb") {
    return { array: (values) => splitJson(values, type), read: asItIs };
  }
  // Exact: microseconds since the epoch fit a double, and an interval counts in microseconds.
  if (type === "timestamp with time zone") {
    return {
      array: (values) => arrayLiteral(values, "bigint"),
      read: (value) => sql`timestamptz 'epoch' + ${value} * interval '1 microsecond'`,
    };
  }
  // unnest would take an array of arrays apart to the last text.
  if (type.endsWith("[]")) {
    return {
      array: (values) => arrayLiteral(values, "text"),
      read: (value) => sql`${value}::${sql.raw(type)}`,
    };
  }
  const array = (values: readonly unknown[]) => arrayLiteral(values, type);
  return type === "text" ? { array, split: splitTexts, read: asItIs } : { array, read: asItIs };
}

function asItIs(value: SQL): SQL {
  return value;
}

function valueOf({ name, wire }: Field): SQL {
  return wire.read(sql`r.${sql.identifier(name)}`);
}

const SEPARATOR = { text: "\u0001", literal: sql.raw(String.raw`E'\x01'`) };
/** What stands for NULL among texts. */
const NO_TEXT = { text: "\u0002", literal: sql.raw(String.raw`E'\x02'`) };

/** An empty element is NULL, which no JSON is; of a single row's NULL `unnest` makes the same out of an empty array. */
function splitJson(values: readonly unknown[], type: string): SQL {
  const texts = values.map((value) => (value === null ? "" : jsonText(value)));
  return sql`string_to_array(${texts.join(SEPARATOR.text)}::text, ${SEPARATOR.literal}, '')::${sql.raw(type)}[]`;
}

function splitTexts(values: readonly unknown[]): SQL {
  const texts = values.map((value) => (value as string | null) ?? NO_TEXT.text);
  return sql`string_to_array(${texts.join(SEPARATOR.text)}::text, ${SEPARATOR.literal}, ${NO_TEXT.literal})`;
}

function isSplittable(value: unknown): boolean {
  return value === null || (typeof value === "string" && !IS_MARK.test(value));
}

const IS_MARK = new RegExp(`[${SEPARATOR.text}${NO_TEXT.text}]`);

function jsonText(value: unknown): string {
  // A model's answer is one long plain text, and is long to look through twice.
  if (typeof value === "string" && IS_PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value);
}

/** What JSON keeps as it is: no quote, backslash or control character, and no surrogate, since UTF-8 has no form for half a pair. */
const IS_PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

function arrayLiteral(values: readonly unknown[], type: string): SQL {
  return sql`${`{${values.map(toElement).join(",")}}`}::${sql.raw(type)}[]`;
}

/** Source: PostgreSQL manual, "Array Input and Output Syntax". */
function toElement(value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return quote(`{${value.map((element) => quote(String(element))).join(",")}}`);
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function quote(text: string): string {
  return `"${NEEDS_ESCAPE.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
}

const NEEDS_ESCAPE = /["\\]/;
