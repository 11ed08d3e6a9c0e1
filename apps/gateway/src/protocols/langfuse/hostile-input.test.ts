import { CanonicalEvents, noEvents, type JsonValue } from "@xtrace/contract";
import { AppError, parseJson } from "@xtrace/runtime";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeIngestion } from "./decode-ingestion.ts";
import { EVENT_KINDS } from "./event-kinds.ts";
import { TraceEnvelope, ObservationEnvelope } from "./wire.ts";

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

const fieldNames = [...Object.keys(TraceEnvelope.shape.body.shape), "value", "dataType", "observationId", "source"];
const observationNames = Object.keys(ObservationEnvelope.shape.body.shape);

const body = fc.dictionary(fc.constantFrom(...fieldNames, ...observationNames), fc.oneof(usual, hostile));

const event = fc.record({
  id: fc.oneof(fc.constantFrom("e1", "e2"), hostile),
  type: fc.oneof(fc.constantFrom(...EVENT_KINDS.keys()), hostile),
  timestamp: fc.oneof(fc.constant("2026-01-02T03:04:05.678Z"), hostile),
  body: fc.oneof(body, hostile),
});

function throughWire(value: unknown): JsonValue {
  return fromText(JSON.stringify(value));
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

describe("decodeIngestion, whatever it is given", () => {
  test("throws nothing but an AppError", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.record({ batch: hostile })), fc.boolean(), (value, scoresOnly) => {
        expect(problemsOf(eventsUnlessRefused(() => decodeIngestion(throughWire(value), { scoresOnly })))).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test("answers for every event once and emits only what the canonical form allows", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(event, hostile), { maxLength: 5 }), (batch) => {
        const wire = throughWire({ batch });
        const { events, successes, errors, logCount } = decodeIngestion(wire, { scoresOnly: false });
        expect(successes.length + errors.length + logCount).toBe(batch.length);
        expect(problemsOf(events)).toEqual([]);
        expect(JSON.stringify(decodeIngestion(wire, { scoresOnly: false }).events)).toBe(JSON.stringify(events));
      }),
      { numRuns: 3000 },
    );
  });
});
