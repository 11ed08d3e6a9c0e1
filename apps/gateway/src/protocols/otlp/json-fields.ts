import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import { hasRoom, putAttribute, type AttributeBag } from "./attribute-bag.ts";
import { idFromText } from "./ids.ts";
import { valueFromJson } from "./json-values.ts";

/*
 * Fields of OTLP's JSON, as leniently as the specification wants a receiver to read them: one that
 * is null or missing has its default, 64-bit integers may be text or numbers.
 */

export function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** `undefined` for what is there and no list. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (isAbsent(value)) return [];
  return isJsonArray(value) ? value : undefined;
}

export function objectsOf(value: JsonValue | undefined): JsonObject[] {
  return (listOf(value) ?? []).filter(isJsonObject);
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Anything that is there and no text is as wrong as a text of the wrong length. */
export function idOf(value: JsonValue | undefined, byteLength: number): string {
  if (isAbsent(value)) return "";
  return idFromText(typeof value === "string" ? value : "not text", byteLength);
}

/** 0 for what is no count. Only text is made a number: an object may have a `toString` that is none. */
export function countOf(value: JsonValue | undefined): number {
  const count = typeof value === "string" ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Numbers, as OTLP has it, and names, as proto3 JSON writers have it. */
export function enumOf(value: JsonValue | undefined, names: readonly string[]): number {
  if (typeof value === "string") return Math.max(names.indexOf(value), 0);
  return typeof value === "number" ? value : 0;
}

export function fillBag(bag: AttributeBag, attributes: JsonValue | undefined): AttributeBag {
  for (const attribute of listOf(attributes) ?? []) {
    if (!hasRoom(bag)) continue;
    if (isJsonObject(attribute)) putAttribute(bag, textOf(attribute["key"]), valueFromJson(attribute["value"]));
    else bag.dropped += 1;
  }
  return bag;
}
