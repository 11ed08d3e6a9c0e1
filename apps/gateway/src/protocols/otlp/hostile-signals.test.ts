import { noEvents, type CanonicalEvents } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DecodedExport, OtlpEncoding } from "./decode.ts";
import { NOW_US } from "./fixtures/decode-fixture.ts";
import { jsonBytes } from "./fixtures/export-of.ts";
import { logsOf, logsToProtobuf } from "./fixtures/logs-of.ts";
import { metricsToProtobuf } from "./fixtures/metrics-of.ts";
import { problemsOf } from "./fixtures/problems-of.ts";
import { decodeLogs } from "./logs/decode-logs.ts";
import { decodeMetrics } from "./metrics/decode-metrics.ts";

const around = { nowUs: NOW_US, idAt: (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, "0")}` };

const DECODERS = [
  {
    signal: "logs",
    decode: (body: Uint8Array, encoding: OtlpEncoding) => decodeLogs(body, encoding, around),
    good: logsToProtobuf(
      logsOf([
        { eventName: "gen_ai.user.message", body: { content: "Hi" } },
        { eventName: "gen_ai.client.inference.operation.details", attributes: { "gen_ai.request.model": "gpt-4o" } },
        {
          eventName: "gen_ai.evaluation.result",
          attributes: { "gen_ai.evaluation.name": "n", "gen_ai.evaluation.score.value": 0.5 },
        },
      ]),
    ),
  },
  {
    signal: "metrics",
    decode: (body: Uint8Array, encoding: OtlpEncoding) => decodeMetrics(body, encoding, around),
    good: metricsToProtobuf([
      { name: "g", gauge: [{ asInt: "1", attributes: { a: "b" } }] },
      { name: "h", histogram: [{ count: "1", sum: 2, min: 1, max: 3 }] },
      { name: "s", summary: [{ count: "1", sum: 2, quantileValues: [{ quantile: 0.5, value: 1 }] }] },
    ]),
  },
] as const;

/** A refused body yields nothing; any other failure is a bug and stays one. */
function eventsOf(decode: () => DecodedExport): CanonicalEvents {
  try {
    return decode().events;
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return noEvents();
    throw error;
  }
}

describe.each(DECODERS)("hostile $signal", ({ signal, decode, good }) => {
  const problems = (body: Uint8Array, encoding: OtlpEncoding) => problemsOf(eventsOf(() => decode(body, encoding)));

  test("random bytes", () => {
    const body = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(body, (bytes) => {
        expect(problems(bytes, "protobuf")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("a good body cut at every place, and with some bytes changed", () => {
    for (let length = 0; length < good.length; length++) {
      expect(problems(good.subarray(0, length), "protobuf")).toEqual([]);
    }
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const changed = Buffer.from(good);
        for (const [position, byte] of changes) changed[position] = byte;
        expect(problems(changed, "protobuf")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("JSON of any shape below the items", () => {
    const { lists, item } = SHAPES[signal];
    fc.assert(
      fc.property(fc.array(item, { maxLength: 3 }), (items) => {
        const [resources, scopes, list] = lists;
        expect(problems(jsonBytes({ [resources]: [{ [scopes]: [{ [list]: items }] }] }), "json")).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

const json = fc.jsonValue({ maxDepth: 3 });
const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant("__proto__"), json);
const attributes = fc.oneof(
  json,
  fc.array(
    fc.record({ key: text, value: fc.oneof(json, fc.record({ stringValue: json }), fc.record({ intValue: json })) }),
  ),
);
const hex = (length: number) => fc.oneof(fc.constant("ab".repeat(length)), json);
const number = fc.oneof(json, fc.constantFrom("NaN", "1e999", "-1", "18446744073709551615", { toString: null }));
const point = fc.record(
  {
    attributes,
    timeUnixNano: number,
    asDouble: number,
    asInt: number,
    count: number,
    sum: number,
    min: number,
    flags: number,
    quantileValues: fc.oneof(json, fc.array(fc.record({ quantile: number, value: number }))),
  },
  { requiredKeys: [] },
);
const data = fc.oneof(json, fc.record({ dataPoints: fc.oneof(json, fc.array(point, { maxLength: 3 })) }));

type Shape = { readonly lists: readonly [string, string, string]; readonly item: fc.Arbitrary<unknown> };

const SHAPES: Readonly<Record<"logs" | "metrics", Shape>> = {
  logs: {
    lists: ["resourceLogs", "scopeLogs", "logRecords"],
    item: fc.record(
      {
        traceId: hex(16),
        spanId: hex(8),
        eventName: fc.oneof(
          fc.constantFrom("gen_ai.user.message", "gen_ai.choice", "gen_ai.evaluation.result"),
          fc.constant("gen_ai.client.inference.operation.details"),
          json,
        ),
        timeUnixNano: number,
        body: fc.oneof(json, fc.record({ kvlistValue: fc.record({ values: attributes }) })),
        attributes,
      },
      { requiredKeys: ["traceId", "spanId", "eventName"] },
    ),
  },
  metrics: {
    lists: ["resourceMetrics", "scopeMetrics", "metrics"],
    item: fc.record(
      { name: text, gauge: data, sum: data, histogram: data, exponentialHistogram: data, summary: data },
      { requiredKeys: ["name"] },
    ),
  },
};
