import { CanonicalEvents, isJsonObject, noEvents, type JsonObject, type JsonValue } from "@xtrace/contract";
import { AppError, parseJson } from "@xtrace/runtime";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestIds } from "../fields/derived-id.ts";
import { decodeBatch } from "./decode-batch.ts";
import { decodeMetrics } from "./decode-metrics.ts";
import { MetricFields, ObservationFields, TraceFields } from "./wire.ts";

/** What no client sends on purpose. Through JSON text, because only then is `__proto__` a key of its own. */
const hostile: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.json().map(fromText),
  fc.constantFrom<JsonValue>(-1, 1.5, 9e15, 1e308, "", "\u0000", "\ud800", "x".repeat(900), "9999-12-31T23:59:59Z"),
  fc
    .constantFrom('{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '{"__proto__":1,"constructor":2}')
    .map(fromText),
);

function fromText(text: string): JsonValue {
  return parseJson(Buffer.from(text));
}

const usual: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>("a", 1, true, null, "2026-01-02T03:04:05Z", { a: 1 });

function itemOf(shape: object, value = fc.oneof(usual, hostile)): fc.Arbitrary<JsonValue> {
  const names = [...Object.keys(shape), "session_id", "prompt_tokens", "constructor"];
  return fc.oneof({ weight: 5, arbitrary: fc.dictionary(fc.constantFrom(...names), value) }, hostile);
}

const batch = fc.record(
  { trace: itemOf(TraceFields.shape), observations: fc.array(itemOf(ObservationFields.shape), { maxLength: 4 }) },
  { requiredKeys: [] },
);

function onGoodPoint(item: JsonObject): JsonObject {
  const goodPoint = { name: "m", value: 1, timestamp: "2026-01-02T03:04:05Z" };
  return Object.fromEntries([...Object.entries(goodPoint), ...Object.entries(item)]);
}

const points = fc.array(itemOf(MetricFields.shape).map((item) => (isJsonObject(item) ? onGoodPoint(item) : item)));

function throughWire(value: unknown): { body: JsonValue; idAt: (position: number) => string } {
  const bytes = Buffer.from(JSON.stringify(value));
  return { body: parseJson(bytes), idAt: requestIds("p1", bytes) };
}

function decodeWire(value: unknown) {
  const { body, idAt } = throughWire(value);
  return decodeBatch(body, { projectId: "p1", receivedAtUs: 1_767_400_000_000_000, idAt });
}

function decodeWireMetrics(value: unknown) {
  const { body, idAt } = throughWire(value);
  return decodeMetrics(body, idAt);
}

/** A refused request yields nothing; any other failure is a bug and stays one. */
function eventsUnlessRefused(decode: () => { events: CanonicalEvents }): CanonicalEvents {
  try {
    return decode().events;
  } catch (error) {
    if (error instanceof AppError) return noEvents();
    throw error;
  }
}

/** What is wrong with events that the worker would be handed. */
function problemsOf(events: CanonicalEvents): string[] {
  const issues = CanonicalEvents.safeParse(events).error?.issues ?? [];
  const written: object[] = Object.values(events).flat();
  const saysUndefined = written.some((fields) => Object.values(fields).includes(undefined));
  const isPolluted = "x" in {};
  return [
    ...issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    ...(saysUndefined ? ["a key without a value"] : []),
    ...(isPolluted ? ["a polluted prototype"] : []),
  ];
}

describe.each([
  ["decodeBatch", decodeWire, "observations"],
  ["decodeMetrics", decodeWireMetrics, "metrics"],
] as const)("%s, whatever it is given", (_, decode, key) => {
  test("throws nothing but an AppError", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.record({ [key]: hostile })), (value) => {
        expect(problemsOf(eventsUnlessRefused(() => decode(value)))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("decodeBatch, of near-valid items", () => {
  test("accounts for each and emits only what the canonical form allows, the same every time", () => {
    fc.assert(
      fc.property(batch, (value) => {
        const { events, rejections } = decodeWire(value);
        const kept = events.traces.length + new Set(events.observations.map(({ id }) => id)).size;
        const sent = (value.trace === undefined || value.trace === null ? 0 : 1) + (value.observations?.length ?? 0);
        expect(kept + rejections.count).toBeLessThanOrEqual(sent);
        expect(problemsOf(events)).toEqual([]);
        expect(JSON.stringify(decodeWire(value).events)).toBe(JSON.stringify(events));
      }),
      { numRuns: 1500 },
    );
  });
});

describe("decodeMetrics, of near-valid points", () => {
  test("accounts for each and emits only what the canonical form allows, the same every time", () => {
    fc.assert(
      fc.property(points, (metrics) => {
        const { events, rejections } = decodeWireMetrics({ metrics });
        expect(events.metrics.length + rejections.count).toBe(metrics.length);
        expect(problemsOf(events)).toEqual([]);
        expect(JSON.stringify(decodeWireMetrics({ metrics }).events)).toBe(JSON.stringify(events));
      }),
      { numRuns: 1000 },
    );
  });
});
