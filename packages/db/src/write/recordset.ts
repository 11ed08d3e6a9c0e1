import { getTableColumns, sql, type Name, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";

/*
 * Rows travel to PostgreSQL as one array a column. That costs the client a tenth of the query builder's
 * value lists, PostgreSQL no more than a COPY and a third less than rows of JSON, and the parameter
 * count depends on the columns alone, so no batch meets the limit of 65,535.
 *
 * Texts and JSON travel as one text a column, with a control character between two values, which PostgreSQL takes apart in a third of
 * the time that an array's elements need: those are quoted, and each quote in JSON would have to be escaped here and read as such there.
 *
 * What runs for each row is a loop in a function of the module, here and in its neighbours: V8 forgets the compiled code of a closure with
 * the batch that made it, and compiles it anew for one of the next.
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
  const value = (property: string) => {
    const field = fields.find((candidate) => candidate.property === property);
    if (!field) throw new Error(`No value for ${property}`);
    return valueOf(field);
  };
  return {
    from: sql`unnest(${sql.join(arraysOf(fields, rows), sql`, `)}) as r(${sql.join(fields.map(identifierOf), sql`, `)})`,
    value,
    values: sql.join(fields.map(valueOf), sql`, `),
  };
}

const NO_ROWS: readonly Row[] = [];

function arraysOf(fields: readonly Field[], rows: readonly Row[]): SQL[] {
  // All or none, since each form is a statement of its own that a connection remembers. Split, one empty text would be no element.
  let areSplit = rows.length > 1;
  for (const { property, kind } of fields) areSplit &&= kind !== "text" || areSplittable(rows, property);
  const arrays: SQL[] = [];
  for (const field of fields) {
    // `unnest` makes the longest array's rows. Of some thirty columns, half are empty in most batches.
    const isSent = arrays.length === 0 || hasValues(rows, field.property);
    arrays.push(arrayOf(field, isSent ? rows : NO_ROWS, areSplit));
  }
  return arrays;
}

function hasValues(rows: readonly Row[], property: string): boolean {
  for (const row of rows) if ((row[property] ?? null) !== null) return true;
  return false;
}

function areSplittable(rows: readonly Row[], property: string): boolean {
  for (const row of rows) {
    const value = row[property] ?? null;
    if (value !== null && (typeof value !== "string" || IS_MARK.test(value))) return false;
  }
  return true;
}

/** The column of each row as a text. Room for all of them at once: an array that grows is made three times. */
function textsOf(rows: readonly Row[], property: string, write: (value: unknown) => string): string[] {
  const texts: string[] = [];
  texts.length = rows.length;
  let index = 0;
  for (const row of rows) texts[index++] = write(row[property] ?? null);
  return texts;
}

/** The column names of `properties`, comma-separated. */
export function columnList(table: PgTable, properties: readonly string[]): SQL {
  return sql.join(columnsOf(table, properties).map(columnIdentifier), sql`, `);
}

type NamedColumn = { readonly property: string; readonly column: PgColumn };

export function columnsOf(table: PgTable, properties: readonly string[]): NamedColumn[] {
  const all: Record<string, PgColumn> = getTableColumns(table);
  const named: NamedColumn[] = [];
  for (const property of properties) {
    const column = all[property];
    if (!column) throw new Error(`No column for ${property}`);
    named.push({ property, column });
  }
  return named;
}

function columnIdentifier({ column }: NamedColumn): Name {
  return sql.identifier(column.name);
}

/** How values of a column travel. */
type Kind = "json" | "timestamp" | "list" | "text" | "other";

type Field = { readonly property: string; readonly name: string; readonly kind: Kind; readonly type: string };

function toField({ property, column }: NamedColumn, index: number): Field {
  const type = column.getSQLType().replace(/ COLLATE .*/, "");
  return { property, name: `c${index}`, kind: kindOf(type), type };
}

function kindOf(type: string): Kind {
  if (type === "json" || type === "jsonb") return "json";
  if (type === "timestamp with time zone") return "timestamp";
  if (type.endsWith("[]")) return "list";
  return type === "text" ? "text" : "other";
}

/** An array with an element for each row. `isSplit`: texts travel as one, since all of them are splittable. */
function arrayOf(field: Field, rows: readonly Row[], isSplit: boolean): SQL {
  const { property, kind, type } = field;
  if (kind === "json") return splitJson(textsOf(rows, property, jsonElement), type);
  if (kind === "text" && isSplit) return splitTexts(textsOf(rows, property, textElement));
  return arrayLiteral(textsOf(rows, property, toElement), elementType(field));
}

function elementType({ kind, type }: Field): string {
  // Exact: microseconds since the epoch fit a double, and an interval counts in microseconds.
  if (kind === "timestamp") return "bigint";
  // unnest would take an array of arrays apart to the last text.
  return kind === "list" ? "text" : type;
}

function identifierOf({ name }: Field): Name {
  return sql.identifier(name);
}

/** The column's own value of what arrived. */
function valueOf(field: Field): SQL {
  const { kind, type } = field;
  const value = sql`r.${identifierOf(field)}`;
  if (kind === "timestamp") return sql`timestamptz 'epoch' + ${value} * interval '1 microsecond'`;
  return kind === "list" ? sql`${value}::${sql.raw(type)}` : value;
}

const SEPARATOR = { text: "\u0001", literal: sql.raw(String.raw`E'\x01'`) };
/** What stands for NULL among texts. */
const NO_TEXT = { text: "\u0002", literal: sql.raw(String.raw`E'\x02'`) };

/** An empty element is NULL, which no JSON is; of a single row's NULL `unnest` makes the same out of an empty array. */
function splitJson(texts: readonly string[], type: string): SQL {
  return sql`string_to_array(${texts.join(SEPARATOR.text)}::text, ${SEPARATOR.literal}, '')::${sql.raw(type)}[]`;
}

function splitTexts(texts: readonly string[]): SQL {
  return sql`string_to_array(${texts.join(SEPARATOR.text)}::text, ${SEPARATOR.literal}, ${NO_TEXT.literal})`;
}

function textElement(value: unknown): string {
  return (value as string | null) ?? NO_TEXT.text;
}

const IS_MARK = new RegExp(`[${SEPARATOR.text}${NO_TEXT.text}]`);

function jsonElement(value: unknown): string {
  if (value === null) return "";
  // A model's answer is one long plain text, and is long to look through twice.
  if (typeof value === "string" && IS_PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(value);
}

/** What JSON keeps as it is: no quote, backslash or control character, and no surrogate, since UTF-8 has no form for half a pair. */
const IS_PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

function arrayLiteral(elements: readonly string[], type: string): SQL {
  return sql`${`{${elements.join(",")}}`}::${sql.raw(type)}[]`;
}

/** Source: PostgreSQL manual, "Array Input and Output Syntax". */
function toElement(value: unknown): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return quote(`{${value.map(quotedElement).join(",")}}`);
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function quotedElement(element: unknown): string {
  return quote(String(element));
}

function quote(text: string): string {
  return `"${NEEDS_ESCAPE.test(text) ? text.replace(/["\\]/g, "\\$&") : text}"`;
}

const NEEDS_ESCAPE = /["\\]/;
