import { LIMITS, noEvents, type JsonObject } from "@xtrace/contract";
import { expect, test } from "vitest";
import { boundMetadata } from "./bound-metadata.ts";

function keys(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
}

function bound(metadata: JsonObject): JsonObject | undefined {
  const events = {
    ...noEvents(),
    observations: [
      { id: "o", traceId: "t", stamp: 1, metadata },
      { id: "p", traceId: "t", stamp: 1 },
    ],
  };
  return boundMetadata(events).observations[0]?.metadata;
}

test("leaves ordinary metadata alone, as the very same object", () => {
  const metadata = { a: keys(1_000), list: Array.from({ length: 50_000 }, () => ({ b: 1 })) };
  expect(bound(metadata)).toBe(metadata);
});

test("keeps the objects of too large an object as text, word for word, and its other values as they are", () => {
  const large = keys(LIMITS.maxMetadataKeys);
  expect(bound({ a: 1, large, nested: { b: { c: 1 } } })).toEqual({
    a: 1,
    large: JSON.stringify(large),
    nested: '{"b":{"c":1}}',
  });
});

test("keeps an object of too many keys as one text", () => {
  const flat = keys(LIMITS.maxMetadataKeys + 1);
  expect(bound(flat)).toEqual({ metadata: JSON.stringify(flat) });
});

test("keeps a key __proto__ plain data", () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":true}}') as JsonObject;
  const value = bound({ ...hostile, large: keys(LIMITS.maxMetadataKeys) });
  expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toBe('{"polluted":true}');
});
