import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJson } from "./decode-json.ts";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { exportOf, SPAN_ID, spanOf, TRACE_ID, START_US, type SpanGiven, type Values } from "./fixtures/export-of.ts";
import {
  bytes,
  IDS,
  fixed64,
  join,
  keyValue,
  requestWith,
  spanBytes,
  tag,
  toProtobuf,
  varint,
} from "./fixtures/to-protobuf.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { MAX_ITEMS_PER_REQUEST } from "./intake.ts";
import { createSpanIntake } from "./span-intake.ts";

function decode(body: Buffer) {
  const intake = createSpanIntake();
  decodeProtobuf(body, intake);
  return intake.result();
}

function only(body: Buffer): OtlpSpan {
  const { items: spans, rejected } = decode(body);
  expect({ spans: spans.length, rejected }).toEqual({ spans: 1, rejected: 0 });
  return spans[0] as OtlpSpan;
}

const everything: SpanGiven = {
  parentSpanId: "00f067aa0ba902b7",
  traceState: "vendor=1",
  kind: 3,
  attributes: {
    text: "naïve 📦",
    empty: "",
    yes: true,
    no: false,
    int: -42,
    huge: 2n ** 63n - 1n,
    half: 0.5,
    bytes: Buffer.from([1, 2, 255]),
    nothing: null,
    list: [1, "two", [3.5, null]],
    object: { a: { b: [true] }, c: "d" },
  },
  droppedAttributesCount: 2,
  events: [{ name: "exception", timeUs: START_US + 5, attributes: { "exception.type": "E" } }, { name: "bare" }],
  droppedEventsCount: 3,
  links: [{ traceId: "a".repeat(32), spanId: "b".repeat(16), attributes: { why: "cause" } }],
  droppedLinksCount: 4,
  status: { code: 2, message: "broken" },
};
const around = { resource: { "service.name": "shop" }, scope: { name: "lib", version: "2", attributes: { x: 1 } } };

describe("protobuf", () => {
  test("is decoded in full", () => {
    const span = only(toProtobuf(exportOf([everything], around)));
    expect(span).toEqual({
      prefixBits: 0,
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      parentSpanId: "00f067aa0ba902b7",
      name: "work",
      kind: 3,
      startUs: START_US,
      endUs: START_US + 1_000_000,
      attributes: new Map<string, unknown>([
        ["text", "naïve 📦"],
        ["empty", ""],
        ["yes", true],
        ["no", false],
        ["int", -42],
        ["huge", "9223372036854775807"],
        ["half", 0.5],
        ["bytes", "AQL/"],
        ["nothing", null],
        ["list", [1, "two", [3.5, null]]],
        ["object", { a: { b: [true] }, c: "d" }],
      ]),
      events: [
        { name: "exception", timeUs: START_US + 5, attributes: new Map([["exception.type", "E"]]) },
        { name: "bare", timeUs: START_US, attributes: new Map() },
      ],
      links: [{ traceId: "a".repeat(32), spanId: "b".repeat(16), attributes: new Map([["why", "cause"]]) }],
      status: { code: 2, message: "broken" },
      traceState: "vendor=1",
      droppedAttributes: 2,
      droppedEvents: 3,
      droppedLinks: 4,
      resource: { attributes: new Map([["service.name", "shop"]]) },
      scope: { name: "lib", version: "2", attributes: new Map([["x", 1]]) },
    });
  });

  test("means the same as JSON", () => {
    const value = fc.oneof(
      fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noInteger: true }),
      fc.uint8Array(),
      fc.constant(null),
      fc.array(fc.oneof(fc.integer(), fc.boolean(), fc.constant("x"))),
      fc.dictionary(fc.constantFrom("a", "__proto__", "constructor"), fc.array(fc.integer())),
    );
    const span = fc.record({
      name: fc.string(),
      attributes: fc.dictionary(fc.string({ minLength: 1 }), value) as fc.Arbitrary<Values>,
      status: fc.record({ code: fc.nat(2), message: fc.string() }),
    });
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const body = exportOf(spans, around);
        const fromJson = createSpanIntake();
        decodeJson(JSON.parse(JSON.stringify(body)), fromJson);
        expect(decode(toProtobuf(body))).toEqual(fromJson.result());
      }),
    );
  });

  test("may have fields in any order, also a resource after its spans", () => {
    const span = bytes(2, spanBytes(spanOf()));
    const resource = bytes(1, bytes(1, keyValue("service.name", { stringValue: "shop" })));
    const scope = bytes(1, bytes(1, "lib"));
    const late = only(bytes(1, join([bytes(2, join([span, scope])), resource])));
    expect(late.resource.attributes.get("service.name")).toBe("shop");
    expect(late.scope.name).toBe("lib");
  });

  test("may have a message in parts, which are one, and scalars twice, of which the last counts", () => {
    const entry = join([
      bytes(1, "k"),
      bytes(2, bytes(5, bytes(1, varint(3, 1)))),
      bytes(2, bytes(5, bytes(1, varint(3, 2)))),
    ]);
    const objects = join([
      bytes(1, "o"),
      ...["a", "b"].map((key) => bytes(2, bytes(6, bytes(1, keyValue(key, { boolValue: true }))))),
    ]);
    const span = only(
      requestWith(
        IDS,
        bytes(5, "first"),
        bytes(5, "last"),
        bytes(15, varint(3, 2)),
        bytes(15, bytes(2, "why")),
        bytes(9, entry),
        bytes(9, objects),
      ),
    );
    expect(span.name).toBe("last");
    expect(span.status).toEqual({ code: 2, message: "why" });
    expect(span.attributes.get("k")).toEqual([1, 2]);
    expect(span.attributes.get("o")).toEqual({ a: true, b: true });
  });

  test("may have fields that nobody knows, and known ones of another type", () => {
    const unknown = join([
      bytes(99, "new"),
      varint(98, 1),
      tag(97, 3),
      varint(1, 1),
      tag(97, 4),
      varint(9, 5),
      varint(5, 5),
    ]);
    const value = join([varint(1, 5), bytes(3, "five"), bytes(8, "strindex")]);
    const odd = bytes(9, join([unknown, bytes(1, "odd"), bytes(2, value)]));
    const lists = bytes(9, join([bytes(1, "lists"), bytes(2, join([bytes(5, varint(1, 1)), bytes(6, varint(1, 1))]))]));
    const event = bytes(11, join([unknown, bytes(2, "event")]));
    const link = bytes(13, join([varint(97, 1), varint(6, 1)]));
    const body = join([
      unknown,
      bytes(
        1,
        join([
          unknown.subarray(0, 6),
          bytes(
            2,
            join([
              varint(98, 1),
              bytes(1, varint(9, 1)),
              bytes(2, join([IDS, unknown, odd, lists, event, link, bytes(15, varint(1, 1))])),
            ]),
          ),
          bytes(1, varint(2, 1)),
        ]),
      ),
    ]);
    const span = only(body);
    expect([...span.attributes]).toEqual([
      ["odd", null],
      ["lists", {}],
    ]);
    expect(span.events[0]?.name).toBe("event");
    expect(span.links).toEqual([{ traceId: "", spanId: "", attributes: new Map() }]);
  });

  test("rejects a span with a bad id alone, by its place", () => {
    const body = exportOf([
      {},
      { traceId: "ab" },
      { spanId: "0".repeat(16) },
      { parentSpanId: "abcd" },
      { spanId: "c".repeat(16) },
    ]);
    const { items: spans, rejected, reason } = decode(toProtobuf(body));
    expect(spans.map(({ spanId }) => spanId)).toEqual([SPAN_ID, "c".repeat(16)]);
    expect(rejected).toBe(3);
    expect(reason).toBe("resourceSpans.0.scopeSpans.0.spans.1.traceId: expected 16 bytes, not all zero");
    expect(
      decode(join([bytes(1, bytes(2, "")), bytes(1, join([bytes(2, ""), bytes(2, bytes(2, ""))]))])).reason,
    ).toMatch(/^resourceSpans\.1\.scopeSpans\.1\.spans\.0\.traceId/);
  });

  test("takes a parent that is all zero for none", () => {
    expect(only(toProtobuf(exportOf([{ parentSpanId: "0".repeat(16) }]))).parentSpanId).toBe("");
  });

  test("tells a sender of logs that this is the wrong address", () => {
    const logRecord = join([fixed64(1, 1n), varint(2, 9), bytes(3, "INFO")]);
    expect(() => decode(requestWith(logRecord))).toThrow(/log records.*traces only/);
  });

  test("refuses more spans than a request may have", () => {
    const one = bytes(2, IDS);
    const body = bytes(1, bytes(2, Buffer.alloc(one.length * (MAX_ITEMS_PER_REQUEST + 1), one)));
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }));
  });
});
