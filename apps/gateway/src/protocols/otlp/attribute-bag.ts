import { LIMITS, type JsonValue } from "@xtrace/contract";
import { prefixBitsOf } from "./attribute-prefixes.ts";

/** Attributes while they are decoded: the first `LIMITS.maxAttributesPerSpan`, and how many came after. */
export type AttributeBag = { readonly values: Map<string, JsonValue>; prefixBits: number; dropped: number };

export function emptyBag(): AttributeBag {
  return { values: new Map(), prefixBits: 0, dropped: 0 };
}

/** Whether one more may be put in; counts it as dropped if not. Asked before its value is decoded. */
export function hasRoom(bag: AttributeBag): boolean {
  if (bag.values.size < LIMITS.maxAttributesPerSpan) return true;
  bag.dropped += 1;
  return false;
}

/** The last of two with one name stays. OTLP allows no name twice and none that is empty. */
export function putAttribute(bag: AttributeBag, key: string, value: JsonValue): void {
  if (key === "") {
    bag.dropped += 1;
    return;
  }
  bag.values.set(key, value);
  bag.prefixBits |= prefixBitsOf(key);
}

/** JSON has no NaN and no infinities: they become their names, which OTLP's own JSON sends. */
export function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
