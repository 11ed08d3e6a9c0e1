import { stampOf, type JsonValue, type Rank } from "@xtrace/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeRow, type StampedEvent, type StampedRow } from "./merge-row.ts";
import { OBSERVATION_RULES, TRACE_RULES } from "./rules.ts";

/** Few distinct values and stamps, so that ties and conflicts are common. */
const time = fc.integer({ min: 1, max: 4 });
const stamp = fc
  .tuple(time, fc.constantFrom<Rank>("inferred", "derived", "explicit", "explicit"))
  .map(([timeUs, rank]) => stampOf(timeUs, rank));
const key = fc.constantFrom("a", "b", "__proto__", "c/d", "e~f");
const leaf = fc.constantFrom<JsonValue>(1, 2, "x", null, true, [1], {});
const metadata = fc.letrec<{ node: JsonValue }>((tie) => ({
  node: fc.oneof({ depthSize: "small" }, leaf, fc.dictionary(key, tie("node"), { maxKeys: 3 })),
})).node;
const metadataObject = fc.dictionary(key, metadata, { maxKeys: 3 });
const text = fc.constantFrom("p", "q", "r");
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const traceEvent: fc.Arbitrary<StampedEvent> = fc.record({
  stamp,
  timestampUs: optional(time),
  name: optional(fc.option(text)),
  userId: optional(fc.option(text)),
  environment: optional(text),
  tags: optional(fc.array(text, { maxLength: 2 })),
  metadata: optional(metadataObject),
  input: optional(leaf),
});

const observationEvent: fc.Arbitrary<StampedEvent> = fc.record({
  stamp,
  startTimeUs: optional(time),
  endTimeUs: optional(time),
  model: optional(fc.option(text)),
  usageDetails: optional(fc.dictionary(text, fc.nat(3), { maxKeys: 2 })),
  metadata: optional(metadataObject),
  output: optional(leaf),
});

describe.each([
  ["trace", TRACE_RULES, traceEvent],
  ["observation", OBSERVATION_RULES, observationEvent],
] as const)("merging the events of a %s", (_, rules, event) => {
  test("gives the same row for any permutation, duplication and split over batches", () => {
    fc.assert(
      fc.property(
        fc
          .array(event, { minLength: 1, maxLength: 8 })
          .chain((events) =>
            fc.tuple(
              fc.constant(events),
              fc.shuffledSubarray([...events.keys()], { minLength: events.length }),
              fc.array(fc.nat(events.length - 1), { maxLength: 4 }),
              fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
            ),
          ),
        ([events, order, repeated, cuts]) => {
          const expected = mergeRow(rules, null, events);
          const arrivals = [...order, ...repeated].map((index) => events[index] as StampedEvent);
          let row: StampedRow | null = null;
          let batch: StampedEvent[] = [];
          arrivals.forEach((arrival, index) => {
            batch.push(arrival);
            if (cuts[index] || index === arrivals.length - 1) {
              row = mergeRow(rules, row, batch);
              batch = [];
            }
          });
          expect(row).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

function merge(...events: StampedEvent[]): StampedRow {
  return mergeRow(TRACE_RULES, null, events);
}

describe("mergeRow", () => {
  test("keeps the later write per field and what only the earlier one said", () => {
    const row = merge({ stamp: 2, name: "late", userId: "u" }, { stamp: 1, name: "early", sessionId: "s" });
    expect(row).toMatchObject({ name: "late", userId: "u", sessionId: "s" });
  });

  test("lets null clear a field, and an older write not bring it back", () => {
    const cleared = merge({ stamp: 2, name: null });
    expect(mergeRow(TRACE_RULES, cleared, [{ stamp: 1, name: "old" }])).toMatchObject({ name: null });
    expect(mergeRow(TRACE_RULES, cleared, [{ stamp: 3, name: "new" }])).toMatchObject({ name: "new" });
  });

  test("keeps false, 0 and empty text as values", () => {
    expect(merge({ stamp: 1, input: "text" }, { stamp: 2, input: 0 })).toMatchObject({ input: 0 });
    expect(merge({ stamp: 1, public: true }, { stamp: 2, public: false })).toMatchObject({ public: false });
  });

  test("unites tags, sorted", () => {
    expect(merge({ stamp: 2, tags: ["b", "a"] }, { stamp: 1, tags: ["c", "a"] })).toMatchObject({
      tags: ["a", "b", "c"],
    });
  });

  test("keeps the first environment and the earliest timestamp of the strongest rank", () => {
    const row = merge(
      { stamp: stampOf(5), environment: "prod", timestampUs: 50 },
      { stamp: stampOf(6), environment: "dev", timestampUs: 40 },
      { stamp: stampOf(1, "inferred"), environment: "guess", timestampUs: 10 },
    );
    expect(row).toMatchObject({ environment: "prod", timestamp: 40 });
  });

  test("falls back to the event's own time where nobody said when", () => {
    expect(merge({ stamp: stampOf(7) }, { stamp: stampOf(9, "derived") })).toMatchObject({ timestamp: 7 });
  });

  test("lets an explicit name win over a root span's, though that is later", () => {
    const row = merge({ stamp: stampOf(1), name: "explicit" }, { stamp: stampOf(9, "derived"), name: "root span" });
    expect(row).toMatchObject({ name: "explicit" });
  });

  test("needs no stamps for a row of one event", () => {
    expect(merge({ stamp: 5, name: "n", timestampUs: 1, metadata: { a: { b: 1 } } })).toMatchObject({
      eventStamp: 5,
      stamps: null,
    });
  });
});

describe("metadata", () => {
  const merged = (...events: StampedEvent[]) => merge(...events)["metadata"];

  test("merges objects key by key, the later leaf winning", () => {
    const early = { stamp: 1, metadata: { a: { x: 1, y: 1 }, b: 1 } };
    const late = { stamp: 2, metadata: { a: { y: 2, z: 2 } } };
    expect(merged(late, early)).toEqual({ a: { x: 1, y: 2, z: 2 }, b: 1 });
  });

  test("replaces arrays as a whole", () => {
    expect(merged({ stamp: 1, metadata: { a: [1, 2, 3] } }, { stamp: 2, metadata: { a: [4] } })).toEqual({ a: [4] });
  });

  test("lets a later scalar replace an object, and a still later object replace the scalar", () => {
    const first = { stamp: 1, metadata: { a: { b: 1 } } };
    const second = { stamp: 2, metadata: { a: 5 } };
    const third = { stamp: 3, metadata: { a: { c: 1 } } };
    expect(merged(first, second)).toEqual({ a: 5 });
    expect(merged(third, first, second)).toEqual({ a: { c: 1 } });
  });

  test("keeps a key named __proto__ as plain data", () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}') as { readonly [key: string]: JsonValue };
    const row = merged({ stamp: 1, metadata: hostile }, { stamp: 2, metadata: { a: 1 } });
    expect(JSON.stringify(row)).toBe('{"__proto__":{"polluted":true},"a":1}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
