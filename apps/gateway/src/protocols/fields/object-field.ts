import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";

/** An object as it is; any other value wrapped under the field's own name; `null` says nothing. */
export function objectField(name: string, value: JsonValue | undefined): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  return isJsonObject(value) ? value : { [name]: value };
}

/** An empty object says nothing, and must not replace what an earlier write said. */
export function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value === undefined || Object.keys(value).length === 0 ? undefined : value;
}

/** Adds `extras` where `metadata` does not have the key. Entries, so that a key `__proto__` stays plain data. */
export function withExtras(metadata: JsonObject | undefined, extras: JsonObject): JsonObject | undefined {
  const added = Object.entries(extras);
  if (added.length === 0) return metadata;
  return Object.fromEntries([...added, ...Object.entries(metadata ?? {})]);
}
