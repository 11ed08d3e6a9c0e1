import fc from "fast-check";
import { isJsonObject, LIMITS, noEvents, type JsonObject } from "@xtrace/contract";
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

test("counts the keys of all depths, and none that are in lists", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 1_300 }), { minLength: 3, maxLength: 5 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: -3, max: 3 }), (depths, offset) => {
      const nested = depths.reduce<JsonObject>((inner, size) => ({ ...keys(size), inner, list: [keys(9)] }), keys(2));
      const missing = LIMITS.maxMetadataKeys + offset - countAll(nested) - 1;
      const metadata = { nested, ...keys(Math.max(missing, 0)) };
      expect(bound(metadata) === metadata).toBe(countAll(metadata) <= LIMITS.maxMetadataKeys);
    }),
    { numRuns: 20 },
  );
});

function countAll(object: JsonObject): number {
  const values = Object.values(object);
  return values.reduce<number>((sum, value) => sum + (isJsonObject(value) ? countAll(value) : 0), values.length);
}
