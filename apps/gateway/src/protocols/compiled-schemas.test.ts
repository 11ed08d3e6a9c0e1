import type { JsonValue } from "@xtrace/contract";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  IngestionBody,
  ObservationEnvelope,
  ObservationUpdateEnvelope,
  ScoreEnvelope,
  TraceEnvelope,
  UntypedObservationEnvelope,
} from "./langfuse/wire.ts";
import { BatchBody, MetricsBody } from "./xtrace/wire.ts";

const time = "2026-01-02T03:04:05.678Z";

/** Through JSON text, because only then is `__proto__` a key of its own. */
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>("a", "", 1, 1.5, -1, 1e13, true, null, time, "ERROR", { a: 1 }, ["a"], [], [1]),
  fc.constantFrom("x".repeat(900), "a\rb", "9999-12-31T23:59:59Z"),
  fc.json().map((text) => JSON.parse(text) as JsonValue),
  fc.constantFrom('{"__proto__":{"x":1}}', '{"length":{"toString":1}}').map((text) => JSON.parse(text) as JsonValue),
);

function objectWith(names: readonly string[]): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...names, "unknown"), value) }, value);
}

const scoreNames = ["id", "name", "value", "dataType", "traceId", "sessionId", "observationId", "source", "timestamp"];

function envelopeAround(names: readonly string[]): fc.Arbitrary<JsonValue> {
  const good = { id: fc.constant("e1"), timestamp: fc.constant(time), body: objectWith(names) };
  return fc.oneof({ weight: 4, arbitrary: fc.record(good) }, objectWith(["id", "timestamp", "body"]));
}

const traceNames = Object.keys(TraceEnvelope.shape.body.shape);
const observationNames = Object.keys(ObservationEnvelope.shape.body.shape);

describe.each<[string, z.ZodType, fc.Arbitrary<JsonValue>]>([
  ["BatchBody", BatchBody, objectWith(Object.keys(BatchBody.shape))],
  ["MetricsBody", MetricsBody, objectWith(Object.keys(MetricsBody.shape))],
  ["IngestionBody", IngestionBody, objectWith(Object.keys(IngestionBody.shape))],
  ["TraceEnvelope", TraceEnvelope, envelopeAround(traceNames)],
  ["ScoreEnvelope", ScoreEnvelope, envelopeAround(scoreNames)],
  ["ObservationEnvelope", ObservationEnvelope, envelopeAround(observationNames)],
  ["ObservationUpdateEnvelope", ObservationUpdateEnvelope, envelopeAround(observationNames)],
  ["UntypedObservationEnvelope", UntypedObservationEnvelope, envelopeAround(observationNames)],
])("%s, compiled", (_, schema, items) => {
  test("says of whatever is sent what the plain parser says", async () => {
    await fc.assert(
      fc.asyncProperty(items, async (item) => {
        const compiled = schema.safeParse(item);
        // Asked without a wait, zod answers by the compiled parser; asked with one, never.
        const plain = await schema.safeParseAsync(item);
        expect(compiled.success).toBe(plain.success);
        expect(compiled.data).toStrictEqual(plain.data);
        expect(compiled.error?.issues).toEqual(plain.error?.issues);
      }),
      { numRuns: 500 },
    );
  });
});
