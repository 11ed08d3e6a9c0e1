import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { jsonNumber } from "./attribute-bag.ts";
import { objectOf as objectFrom } from "../fields/json-object.ts";

/**
 * An AnyValue of OTLP's JSON as the JSON that it means; null for an empty one and for a kind that is not known.
 *
 * Numbers may be text: 64-bit integers always are when an SDK writes them, and doubles may be.
 * What should be a number and is none stays as it was sent.
 *
 * Recursion is safe: the body's own depth is bounded when it is parsed.
 */
export function valueFromJson(sent: JsonValue | undefined): JsonValue {
  if (sent === undefined || sent === null) return null;
  // A bare value is not OTLP, but there is only one thing it can mean.
  if (!isJsonObject(sent)) return isJsonArray(sent) ? sent.map(valueFromJson) : sent;
  for (const [kind, read] of KINDS) {
    const value = sent[kind];
    if (value !== undefined && value !== null) return read(value);
  }
  return null;
}

const KINDS: ReadonlyArray<readonly [string, (value: JsonValue) => JsonValue]> = [
  ["stringValue", (value) => value],
  ["intValue", integerOf],
  ["doubleValue", doubleOf],
  ["boolValue", (value) => (value === "true" ? true : value === "false" ? false : value)],
  ["arrayValue", arrayOf],
  ["kvlistValue", objectOf],
  ["bytesValue", base64Of],
];

function integerOf(value: JsonValue): JsonValue {
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function doubleOf(value: JsonValue): JsonValue {
  if (typeof value !== "string" || value.trim() === "") return value;
  const number = Number(value);
  return Number.isNaN(number) ? value : jsonNumber(number);
}

function arrayOf(value: JsonValue): JsonValue {
  return listIn(value).map(valueFromJson);
}

function objectOf(value: JsonValue): JsonValue {
  const entries = listIn(value).filter(isJsonObject);
  return objectFrom(entries.map(({ key, value: child }) => [textKey(key), valueFromJson(child)]));
}

function textKey(key: JsonObject[string] | undefined): string {
  return typeof key === "string" ? key : "";
}

function listIn(value: JsonValue): readonly JsonValue[] {
  const values = isJsonObject(value) ? value["values"] : value;
  return isJsonArray(values) ? values : [];
}

/** In the one spelling that the protobuf side gives: standard alphabet, padded. */
function base64Of(value: JsonValue): JsonValue {
  return typeof value === "string" ? Buffer.from(value, "base64").toString("base64") : value;
}
