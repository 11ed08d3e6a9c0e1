import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { fieldReader } from "./read-fields.ts";
import { MetricFields, ObservationFields, TraceFields } from "./wire.ts";

const time = "2026-01-02T03:04:05.678Z";

/** Through JSON text, because only then is `__proto__` a key of its own. */
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>("a", "", 0, 1, 1.5, -1, 1e13, true, null, time, { a: 1 }, { a: null }, ["a"], [], [1]),
  fc.constantFrom("x".repeat(900), "9999-12-31T23:59:59Z"),
  fc.json().map((text) => JSON.parse(text) as JsonValue),
  fc.constantFrom('{"__proto__":{"x":1}}', '{"length":{"toString":1}}').map((text) => JSON.parse(text) as JsonValue),
);

/** Of each field that which fits it best, so that whole items do. */
const fitting: Readonly<Record<string, JsonValue>> = {
  timestamp: time,
  startTime: time,
  endTime: time,
  completionStartTime: time,
  labels: { a: 1 },
  usageDetails: { a: 1 },
  costDetails: {},
  tags: ["a", "a"],
  public: true,
  bookmarked: false,
  value: 1,
  inputPrice: 1,
  outputPrice: 1,
  totalPrice: 1,
  calculatedInputCost: 0.5,
  calculatedOutputCost: 0.5,
  calculatedTotalCost: 1,
  promptTokens: 1,
  completionTokens: 1,
  totalTokens: 2,
};

function inSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function itemFor(schema: z.ZodObject): fc.Arbitrary<JsonValue> {
  const field = fc
    .constantFrom(...Object.keys(schema.shape))
    .chain((name) =>
      fc.tuple(
        fc.constantFrom(name, name, inSnakeCase(name)),
        fc.oneof({ weight: 20, arbitrary: fc.constantFrom(fitting[name] ?? "a", null) }, value),
      ),
    );
  const entries = fc.array(field, { maxLength: 12 });
  const required = Object.entries(fitting).filter(
    ([name]) => schema.shape[name]?.safeParse(undefined).success === false,
  );
  const item = fc.tuple(entries, fc.boolean()).map(([sent, isWhole]): JsonValue => {
    return Object.fromEntries([
      ...(isWhole ? [["name", "a"], ...required] : []),
      ...sent,
      ["unknown", 1],
    ]) as JsonObject;
  });
  return fc.oneof({ weight: 20, arbitrary: item }, value);
}

/** What the reader says it does, by zod alone. */
function readPlainly(schema: z.ZodObject, item: JsonValue) {
  if (!isJsonObject(item)) return schema.safeParse(item);
  const named = Object.keys(schema.shape).flatMap((name) => {
    const sent = item[name] ?? item[inSnakeCase(name)] ?? undefined;
    return sent === undefined ? [] : [[name, sent]];
  });
  return schema.safeParse(Object.fromEntries(named));
}

describe.each<[string, z.ZodObject]>([
  ["TraceFields", TraceFields],
  ["ObservationFields", ObservationFields],
  ["MetricFields", MetricFields],
])("%s", (_, schema) => {
  const read = fieldReader(schema);

  test("are read as zod reads them, whatever is sent", () => {
    let fit = 0;
    fc.assert(
      fc.property(itemFor(schema), (item) => {
        const plain = readPlainly(schema, item);
        const result = read(item);
        expect(result.success).toBe(plain.success);
        expect(result.data).toEqual(plain.data);
        expect(result.error?.issues).toEqual(plain.error?.issues);
        if (result.success) fit += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(fit).toBeGreaterThan(200);
  });
});
