import { isJsonArray, type JsonValue, LIMITS } from "@xtrace/contract";
import { cleanText } from "@xtrace/runtime";
import { objectOf } from "../fields/json-object.ts";

/**
 * The value that an attribute's text stands for: instrumentations write everything but text as
 * JSON text, because attributes long held nothing else.
 *
 * Text that is no JSON stays text, and so does JSON that cannot be written again (too deep, a
 * number beyond a double) and a number that would not come back as it was written: `007`, `1.10`
 * and ids of twenty digits are names, not numbers.
 */
export function valueOfText(text: string): JsonValue {
  if (!mayBeJson(text)) return text;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
  if (typeof value === "number") return isPlainNumber(text) ? value : text;
  if (!isWritable(value, 0)) return text;
  return text.includes("\\u") && UNSTORABLE_ESCAPE.test(text) ? clean(value) : value;
}

/** Most texts are prose, and many are ids: a thrown SyntaxError costs more than all the rest. */
function mayBeJson(text: string): boolean {
  const first = text.trimStart()[0];
  if (first === "{") return text.trimEnd().endsWith("}");
  if (first === "[") return text.trimEnd().endsWith("]");
  if (first === '"') return text.trimEnd().endsWith('"');
  return text.length <= MAX_SCALAR_LENGTH && SCALAR.test(text);
}

const MAX_SCALAR_LENGTH = 24;

/** Just what JSON allows, so that `1e5a7c` is not even tried. */
const SCALAR = /^[ \t\n\r]*(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)[ \t\n\r]*$/;

/** As `JSON.stringify` and Python's `json.dumps` write numbers, `1.0` included, within a double's precision. */
function isPlainNumber(text: string): boolean {
  return PLAIN_NUMBER.test(text) && (text.includes(".") || text.includes("e") || Number.isSafeInteger(Number(text)));
}

const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,15})(?:\.(?:0|\d{0,19}[1-9]))?(?:e[+-]\d{1,2})?$/;

/** The recursion ends at the bound on depth, far from what overflows the stack. */
function isWritable(value: JsonValue, depth: number): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth >= LIMITS.maxJsonDepth) return false;
  if (isJsonArray(value)) {
    for (const child of value) if (!isWritable(child, depth + 1)) return false;
  } else for (const key in value) if (!isWritable(value[key] ?? null, depth + 1)) return false;
  return true;
}

/** Only escapes bring U+0000 and lone surrogates: the text around them is clean already. */
const UNSTORABLE_ESCAPE = /\\u(0000|[dD][89a-fA-F])/;

function clean(value: JsonValue): JsonValue {
  if (typeof value === "string") return cleanText(value);
  if (isJsonArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return objectOf(Object.entries(value).map(([key, child]) => [cleanText(key), clean(child)]));
}
