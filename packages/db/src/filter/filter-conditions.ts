import { isoFromUs, type FilterCondition } from "@xtrace/contract";
import { and, sql, type SQL } from "drizzle-orm";
import { filterProblem, type FilterColumn, type FilterColumns } from "./filter-columns.ts";

/**
 * Conditions that all hold, as SQL. A negative condition ("<>", "none of", "does not contain") also
 * holds for a row without the value; every other one does not.
 *
 * Throws for a column that is not in `columns`; callers refuse those by `filterProblem` before.
 */
export function filterConditions(columns: FilterColumns, conditions: readonly FilterCondition[]): SQL | undefined {
  return and(...conditions.map((condition) => conditionSql(columns, condition)));
}

function conditionSql(columns: FilterColumns, condition: FilterCondition): SQL {
  const column = columns[condition.column];
  const problem = filterProblem(columns, condition);
  if (!column || problem !== undefined) throw new Error(`Filter on ${condition.column}: ${problem}`);
  const { value } = column;
  switch (condition.type) {
    case "datetime":
      return compare(value, condition.operator, sql`${isoFromUs(condition.value)}::timestamptz`);
    case "number":
      return compare(value, condition.operator, sql`${condition.value}::double precision`);
    case "boolean":
      return compare(value, condition.operator, sql`${condition.value}::boolean`);
    case "string":
      return compareText(value, condition.operator, condition.value);
    case "null":
      return condition.operator === "is null" ? sql`${value} is null` : sql`${value} is not null`;
    case "stringOptions":
      return anyOf(value, condition.operator, condition.value);
    case "arrayOptions":
      return compareArray(value, condition.operator, condition.value);
    case "categoryOptions":
      return anyOf(textAt(column, condition.key), condition.operator, condition.value);
    case "stringObject":
      return compareText(textAt(column, condition.key), inItsCase(condition.operator), condition.value);
    case "numberObject":
      return compare(numberAt(column, condition.key), condition.operator, sql`${condition.value}::double precision`);
    case "booleanObject":
      return compare(memberAt(column, condition.key), condition.operator, sql`to_jsonb(${condition.value}::boolean)`);
  }
}

const OPERATOR_SQL = {
  "=": sql`=`,
  "<>": sql`is distinct from`,
  ">": sql`>`,
  "<": sql`<`,
  ">=": sql`>=`,
  "<=": sql`<=`,
};

function compare(left: SQL, operator: keyof typeof OPERATOR_SQL, right: SQL): SQL {
  return sql`(${left} ${OPERATOR_SQL[operator]} ${right})`;
}

type TextOperator = Extract<FilterCondition, { type: "string" }>["operator"];

/** Within metadata, Langfuse tells cases apart. */
function inItsCase(operator: TextOperator): TextOperator {
  return operator === "matches" ? "contains" : operator;
}

/** No LIKE: what is looked for holds no wildcards. */
function compareText(left: SQL, operator: TextOperator, text: string): SQL {
  const right = sql`${text}::text`;
  switch (operator) {
    case "=":
    case "<>":
      return compare(left, operator, right);
    case "contains":
      return sql`position(${right} in ${left}) > 0`;
    case "does not contain":
      return sql`coalesce(position(${right} in ${left}), 0) = 0`;
    case "starts with":
      return sql`starts_with(${left}, ${right})`;
    case "ends with":
      return sql`right(${left}, length(${right})) = ${right}`;
    case "matches":
      return sql`position(lower(${right}) in lower(${left})) > 0`;
  }
}

function anyOf(left: SQL, operator: "any of" | "none of", options: readonly string[]): SQL {
  const isAny = sql`${left} = any(${sql.param(options)}::text[])`;
  return operator === "any of" ? isAny : sql`(${isAny}) is not true`;
}

function compareArray(left: SQL, operator: "any of" | "none of" | "all of", options: readonly string[]): SQL {
  const right = sql`${sql.param(options)}::text[]`;
  if (operator === "all of") return sql`${left} @> ${right}`;
  return operator === "any of" ? sql`${left} && ${right}` : sql`(${left} && ${right}) is not true`;
}

function textAt(column: FilterColumn, key: string): SQL {
  return sql`(${memberAt(column, key)} #>> '{}')`;
}

/** Only of a number: a text that reads like one is not compared as one. */
function numberAt(column: FilterColumn, key: string): SQL {
  const value = memberAt(column, key);
  return sql`case when jsonb_typeof(${value}) = 'number' then (${value})::double precision end`;
}

/** A name of more parts is looked for below the first ones only. */
const MAX_PATHS = 16;

/**
 * The member of that very name; else the one that readers of flat metadata call so, whose name may itself have dots:
 * `a.b.c` is `b.c` in `a`, or `c` in `b` in `a`.
 */
function memberAt({ value, isNested }: FilterColumn, key: string): SQL {
  const own = sql`${value} -> ${key}::text`;
  const parts = key.split(".");
  if (!isNested || parts.length === 1) return own;
  const paths = parts
    .slice(1, MAX_PATHS)
    .map((_, index) => [...parts.slice(0, index + 1), parts.slice(index + 1).join(".")]);
  const below = paths.map((path) => sql`${value} #> ${sql.param(path)}::text[]`);
  return sql`coalesce(${own}, ${sql.join(below, sql`, `)})`;
}
