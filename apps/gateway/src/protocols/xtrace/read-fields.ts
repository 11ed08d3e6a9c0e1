import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import type { z } from "zod";

/**
 * A parser of items that takes each field of the schema under its camelCase name or else in
 * snake_case, and `null`, which is how Rust clients write what they do not have, as absent.
 *
 * Looks for known names instead of renaming what it finds, so an item with a million keys costs no more.
 */
export function fieldReader<S extends z.ZodObject>(schema: S): (item: JsonValue) => z.ZodSafeParseResult<z.output<S>> {
  const names = Object.keys(schema.shape).map((name) => [name, toSnakeCase(name)] as const);
  return function readFields(item) {
    return schema.safeParse(isJsonObject(item) ? pick(item, names) : item);
  };
}

function pick(item: JsonObject, names: ReadonlyArray<readonly [string, string]>): JsonObject {
  const fields: Record<string, JsonValue> = {};
  for (const [name, snakeName] of names) {
    const value = item[name] ?? item[snakeName];
    if (value !== undefined && value !== null) fields[name] = value;
  }
  return fields;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
