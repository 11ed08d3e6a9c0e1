import { expect, test } from "vitest";
import { flatMetadata } from "./flat-metadata.ts";

test("names each value by its path", () => {
  const metadata = {
    plain: "text",
    scope: { name: "langfuse-sdk", attributes: { public_key: "pk" } },
    resourceAttributes: { "service.name": "agent" },
    list: [{ a: 1 }],
    nothing: null,
    empty: {},
  };
  expect(flatMetadata(metadata)).toEqual({
    plain: "text",
    "scope.name": "langfuse-sdk",
    "scope.attributes.public_key": "pk",
    "resourceAttributes.service.name": "agent",
    list: [{ a: 1 }],
    nothing: null,
    empty: {},
  });
});

test("keeps the first of two members with one name", () => {
  expect(flatMetadata({ "a.b": 1, a: { b: 2, c: 3 } })).toEqual({ "a.b": 1, "a.c": 3 });
});

test("takes names of a hostile sender as names", () => {
  const flat = flatMetadata(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "x"}'));
  expect(Object.entries(flat)).toEqual([
    ["__proto__.polluted", 1],
    ["constructor", "x"],
  ]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("goes down sixteen levels", () => {
  const nested = (depth: number): string => `{"a":${depth === 1 ? "1" : nested(depth - 1)}}`;
  expect(flatMetadata(JSON.parse(nested(16)))).toEqual({ [Array(16).fill("a").join(".")]: 1 });
  const [[name, value] = []] = Object.entries(flatMetadata(JSON.parse(nested(5_000))));
  expect(name).toBe(Array(16).fill("a").join("."));
  expect(value).toHaveProperty("a");
});
