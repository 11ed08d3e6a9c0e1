import { expect, test } from "vitest";
import { compileJsonSchema } from "./json-schema.ts";

const OF = { projectId: "p" };

const CAPITAL = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: { country: { type: "string" }, year: { type: "integer", minimum: 0 } },
  required: ["country"],
};

test.each([
  [CAPITAL, { country: "France" }, undefined],
  [CAPITAL, { country: "France", year: -1 }, "/year must be >= 0"],
  [CAPITAL, {}, "must have required property 'country'"],
  [CAPITAL, "France", "must be object"],
  [{}, [1, null], undefined],
  [true, 1, undefined],
  [false, 1, "boolean schema is false"],
  [{ $ref: "#/definitions/n", definitions: { n: { type: "number" } } }, "x", "must be number"],
  [{ type: "string", format: "email", unknownWord: 1 }, "no address", undefined],
  [
    { $schema: "https://json-schema.org/draft/2020-12/schema", prefixItems: [{ type: "string" }] },
    [1],
    "/0 must be string",
  ],
  [{ $schema: "https://json-schema.org/draft/2019-09/schema", items: [{ type: "string" }] }, [1], "/0 must be string"],
  [{ $schema: "https://example.org/mine", type: "string" }, 1, "must be string"],
])("%j of %j says %s", async (schema, value, expected) => {
  const check = await compileJsonSchema(schema, OF);
  expect(check.firstMisfit([value])?.problem).toBe(expected);
});

test("the first of several that does not fit is named by its place", async () => {
  const check = await compileJsonSchema({ type: "number" }, OF);
  expect(check.firstMisfit([1, 2, "3", null])).toEqual({ place: 2, problem: "must be number" });
  expect(check.firstMisfit([])).toBeUndefined();
});

test.each([
  ["text", "expected an object"],
  [[], "expected an object"],
  [{ type: "nothing" }, "is no JSON Schema"],
  [{ pattern: "(" }, "is no JSON Schema"],
  [{ $ref: "http://127.0.0.1/schema.json" }, "is no JSON Schema"],
  [{ description: "x".repeat(100_000) }, "expected at most 100000 characters"],
  // Would answer later, when nobody listens: each misfit would be a rejection that ends the process.
  [{ $async: true, type: "number" }, "is no JSON Schema: $async is not supported"],
  [{ $async: true, $schema: "https://json-schema.org/draft/2020-12/schema" }, "$async is not supported"],
  [{ $ref: "#/definitions/n", definitions: { n: { $async: true, type: "number" } } }, "is no JSON Schema"],
])("%j cannot be used", async (schema, problem) => {
  await expect(compileJsonSchema(schema, OF)).rejects.toThrow(problem);
});

test("a schema that takes for ever is ended and refused for a while, and others are asked", async () => {
  const schema = { type: "string", pattern: "^(a+)+$" };
  const costly = await compileJsonSchema(schema, OF);
  expect(costly.firstMisfit(["aaa"])).toBeUndefined();
  expect(() => costly.firstMisfit([`${"a".repeat(40)}b`])).toThrow("is too costly: it took more than 500 ms");
  await expect(compileJsonSchema(schema, OF)).rejects.toThrow("was too costly a moment ago");
  expect((await compileJsonSchema({ pattern: "^a+$" }, OF)).firstMisfit(["aaa"])).toBeUndefined();
  // Another project may have the same schema, and items that it is cheap for.
  expect((await compileJsonSchema(schema, { projectId: "other" })).firstMisfit(["aaa"])).toBeUndefined();
});

test("what is asked bit by bit has an end too, which is held against nobody else", async () => {
  const schema = { type: "string", pattern: "^(a+)+!$" };
  const slow = await compileJsonSchema(schema, { ...OF, totalMs: 30 });
  // Each is far from the limit of one asking.
  const askAll = () => {
    for (let n = 0; n < 100; n++) slow.firstMisfit([`${"a".repeat(20)}b`]);
  };
  expect(askAll).toThrow("is too costly: it took more than 30 ms in all");
  expect((await compileJsonSchema(schema, OF)).firstMisfit(["aaa!"])).toBeUndefined();
});
