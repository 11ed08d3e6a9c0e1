import fc from "fast-check";
import { expect, test } from "vitest";
import { putAttribute } from "../attribute-bag.ts";
import { draftSpan, finishSpan } from "../span-draft.ts";
import type { Values } from "../fixtures/export-of.ts";
import { listBelow, unwrapped } from "./indexed.ts";

function rebuilt(attributes: Values) {
  const draft = draftSpan({ attributes: new Map() }, { name: "", version: "", attributes: new Map() });
  for (const [key, value] of Object.entries(attributes)) putAttribute(draft.bag, key, value as string);
  return listBelow(finishSpan(draft), "x.");
}

test("a flattened list has its shape again, at every depth", () => {
  const flat = {
    "x.1.role": "assistant",
    "x.0.role": "user",
    "x.1.calls.0.function.name": "f",
    "x.1.calls.10.id": "last",
    "x.1.calls.2.id": "middle",
    "x.name": "no item",
    "y.0": "another list",
  };
  expect(rebuilt(flat)).toEqual({
    value: [
      { role: "user" },
      { role: "assistant", calls: [{ function: { name: "f" } }, { id: "middle" }, { id: "last" }] },
    ],
    attributes: expect.arrayContaining(["x.0.role", "x.1.calls.10.id"]),
  });
  expect(rebuilt(flat)?.attributes).toHaveLength(5);
});

test("a list of nothing but texts", () => expect(rebuilt({ "x.0": "a", "x.1": "b" })?.value).toEqual(["a", "b"]));

test("nothing below the prefix is no list", () => expect(rebuilt({ "x.y": 1, x: 2 })).toBeUndefined());

test("a place far out makes no long list, and one beyond the bound none", () => {
  expect(rebuilt({ "x.0": "a", "x.10000": "b", "x.10001": "c", "x.99999999999": "d" })?.value).toEqual(["a", "b"]);
  expect(rebuilt({ "x.0.y.10001.z": "a", "x.-1": "b", "x.01": "c" })).toBeUndefined();
});

test("names that reach into objects are refused", () => {
  const found = rebuilt({
    "x.0.__proto__.polluted": "yes",
    "x.0.constructor.prototype.polluted": "yes",
    "x.0.a": "ok",
  });
  expect(found).toEqual({ value: [{ a: "ok" }], attributes: ["x.0.a"] });
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});

test("a name as deep as a stack is refused", () => {
  expect(rebuilt({ [`x.0${".a".repeat(100_000)}`]: "deep" })).toBeUndefined();
});

test("comes to the same in any order, also where a name is both text and more", () => {
  const keys = ["x.0", "x.0.a", "x.0.a.0", "x.0.a.1.b", "x.1.a", "x.1.a.b.c", "x.2"];
  const sorted = (keys: readonly string[]) => {
    const found = rebuilt(Object.fromEntries(keys.map((key) => [key, key])));
    return { value: found?.value, attributes: found?.attributes?.toSorted() };
  };
  fc.assert(
    fc.property(fc.shuffledSubarray(keys, { minLength: 1 }), (some) => {
      expect(sorted(some)).toEqual(sorted(some.toSorted()));
    }),
  );
  expect(sorted(keys).value).toEqual([{ a: ["x.0.a.0", { b: "x.0.a.1.b" }] }, { a: { b: { c: "x.1.a.b.c" } } }, "x.2"]);
});

test("items below one name", () => {
  expect(unwrapped({ value: [{ document: { id: 1 } }, { other: 2 }, "x"] }, "document")?.value).toEqual([
    { id: 1 },
    { other: 2 },
    "x",
  ]);
});
