import type { JsonValue } from "@xtrace/contract";

/** JSON text that is the same for equal values, whatever the order of their keys: `jsonb` keeps none. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_, child: JsonValue) => (isObject(child) ? sortKeys(child) : child));
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sortKeys(object: { readonly [key: string]: JsonValue }): JsonValue {
  // Locale-free and the same on every machine. fromEntries keeps a key `__proto__` plain data.
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * A total order over JSON values, for two writes with one stamp. Which of them wins does not
 * matter, only that it is the same one everywhere; a value wins over null.
 */
export function compareJson(a: JsonValue, b: JsonValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  const textA = canonicalJson(a);
  const textB = canonicalJson(b);
  if (textA === textB) return 0;
  return textA < textB ? -1 : 1;
}
