import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";

/** An object as it is; any other value wrapped under the field's own name; `null` says nothing. */
export function objectField(name: string, value: JsonValue | undefined): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  return isJsonObject(value) ? value : { [name]: value };
}

/** An empty object says nothing, and must not replace what an earlier write said. */
export function unlessEmpty<T extends object>(value: T | undefined): T | undefined {
  return value === undefined || isEmpty(value) ? undefined : value;
}

/** Without a list of its keys, which may be many. */
function isEmpty(object: object): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false;
  return true;
}

/** Adds `extras` where `metadata` does not have the key. Entries, so that a key `__proto__` stays plain data. */
export function withExtras(metadata: JsonObject | undefined, extras: JsonObject): JsonObject | undefined {
  if (isEmpty(extras)) return metadata;
  return Object.fromEntries([...Object.entries(extras), ...Object.entries(metadata ?? {})]);
}
