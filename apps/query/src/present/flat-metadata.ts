import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";

/** What lies deeper stays one value, so that no document makes the names of its members grow without end. */
const MAX_DEPTH = 16;

/**
 * Metadata with one member for each value: `{a: {b: 1}}` as `{"a.b": 1}`. Lists stay as they are, and so do objects
 * that are empty. Where two members come to one name, the first is kept.
 *
 * Source: Langfuse's v2 observations, whose readers take `scope.` and `resourceAttributes.` for prefixes of names.
 */
export function flatMetadata(metadata: JsonObject): JsonObject {
  const members = new Map<string, JsonValue>();
  addMembers(members, metadata, "", 1);
  return Object.fromEntries(members);
}

function addMembers(members: Map<string, JsonValue>, object: JsonObject, prefix: string, depth: number): void {
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + key;
    const hasMembers = isJsonObject(value) && depth < MAX_DEPTH && Object.keys(value).length > 0;
    if (hasMembers) addMembers(members, value, `${name}.`, depth + 1);
    else if (!members.has(name)) members.set(name, value);
  }
}
