import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import type { z } from "zod";

type Field = { readonly name: string; readonly snakeName: string; readonly schema: z.core.$ZodType };

/**
 * A parser of items that takes each field of the schema under its camelCase name or else in
 * snake_case, and `null`, which is how Rust clients write what they do not have, as absent.
 *
 * Looks for known names instead of renaming what it finds, so an item with a million keys costs no more.
 *
 * An item that fits is read field by field into one object. Zod's parser of objects makes one for each field, sent
 * or not: 5 KB for an observation of 1.5 KB, and 2.4 where it is compiled. It judges the items that do not fit.
 */
export function fieldReader<S extends z.ZodObject>(schema: S): (item: JsonValue) => z.ZodSafeParseResult<z.output<S>> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const fields = Object.entries(shape).map(([name, field]): Field => ({
    name,
    snakeName: toSnakeCase(name),
    schema: field,
  }));
  const absent = Object.fromEntries(fields.map(({ name }) => [name, undefined]));
  const checks = schema.def.checks ?? [];

  function readFitting(item: JsonObject): z.output<S> | undefined {
    // Of one shape whatever was sent, which makes it cheap to fill in and to read.
    const read: Record<string, unknown> = { ...absent };
    const payload: z.core.ParsePayload = { value: undefined, issues: [] };
    for (const field of fields) {
      const sent = valueOf(item, field);
      if (sent === undefined && field.schema._zod.optin === "optional") continue;
      payload.value = sent;
      const parsed = field.schema._zod.run(payload, SYNCHRONOUS);
      if (parsed instanceof Promise || parsed.issues.length > 0) return undefined;
      read[field.name] = parsed.value;
    }
    payload.value = read;
    for (const check of checks) void check._zod.check(payload as z.core.ParsePayload<never>);
    return payload.issues.length > 0 ? undefined : (read as z.output<S>);
  }

  return function readFields(item) {
    if (!isJsonObject(item)) return schema.safeParse(item);
    const data = readFitting(item);
    return data ? { success: true, data } : schema.safeParse(pick(item, fields));
  };
}

const SYNCHRONOUS = { async: false } as const;

function valueOf(item: JsonObject, { name, snakeName }: Field): JsonValue | undefined {
  return item[name] ?? item[snakeName] ?? undefined;
}

function pick(item: JsonObject, fields: readonly Field[]): JsonObject {
  const picked: Record<string, JsonValue> = {};
  for (const field of fields) {
    const value = valueOf(item, field);
    if (value !== undefined) picked[field.name] = value;
  }
  return picked;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
