import { LIMITS, type JsonValue } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeJson } from "./decode-json.ts";
import { exportOf, keyValues, SPAN_ID, spanOf, START_US, TRACE_ID } from "./fixtures/export-of.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { createSpanIntake } from "./span-intake.ts";

function decode(body: unknown) {
  const intake = createSpanIntake();
  decodeJson(JSON.parse(JSON.stringify(body)) as JsonValue, intake);
  return intake.result();
}

/** One span as it was sent, decoded. */
function decodeSpan(span: object): OtlpSpan {
  const { items: spans } = decode({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...spanOf(), ...span }] }] }] });
  expect(spans).toHaveLength(1);
  return spans[0] as OtlpSpan;
}

function valueOf(sent: unknown): JsonValue | undefined {
  return decodeSpan({ attributes: [{ key: "k", value: sent }] }).attributes.get("k");
}

describe("leniency", () => {
  test("ids come in any case, and as the base64 of a plain protobuf writer", () => {
    const span = decodeSpan({
      traceId: TRACE_ID.toUpperCase(),
      spanId: "7uGbfsPBsXQ=",
      parentSpanId: "EEE19B7EC3C1B175",
    });
    expect([span.traceId, span.spanId, span.parentSpanId]).toEqual([TRACE_ID, SPAN_ID, "eee19b7ec3c1b175"]);
  });

  test("numbers come as text or as numbers", () => {
    expect(decodeSpan({ startTimeUnixNano: START_US * 1_000, endTimeUnixNano: `${START_US + 1}999` })).toMatchObject({
      startUs: START_US,
      endUs: START_US + 1,
    });
    expect(valueOf({ intValue: 5 })).toBe(5);
    expect(valueOf({ intValue: "-5" })).toBe(-5);
    expect(valueOf({ intValue: "9007199254740993" })).toBe("9007199254740993");
    expect(valueOf({ doubleValue: "0.5" })).toBe(0.5);
    expect(valueOf({ doubleValue: "-Infinity" })).toBe("-Infinity");
    expect(valueOf({ doubleValue: "NaN" })).toBe("NaN");
    expect(decodeSpan({ droppedAttributesCount: "3", droppedLinksCount: -1, droppedEventsCount: "x" })).toMatchObject({
      droppedAttributes: 3,
      droppedLinks: 0,
      droppedEvents: 0,
    });
  });

  test("what should be a number and is none stays as it was sent", () => {
    expect(valueOf({ intValue: "many" })).toBe("many");
    expect(valueOf({ intValue: 1.5 })).toBe(1.5);
    expect(valueOf({ doubleValue: "much" })).toBe("much");
    expect(valueOf({ doubleValue: "" })).toBe("");
  });

  test("enums come as numbers or by name", () => {
    expect(decodeSpan({ kind: "SPAN_KIND_CLIENT", status: { code: "STATUS_CODE_ERROR", message: "m" } })).toMatchObject(
      {
        kind: 3,
        status: { code: 2, message: "m" },
      },
    );
    expect(decodeSpan({ kind: "SIDEWAYS", status: { code: null } })).toMatchObject({ kind: 0, status: { code: 0 } });
  });

  test("values nest, and an empty or unknown one is null", () => {
    expect(valueOf({ arrayValue: { values: [{ intValue: "1" }, {}, { arrayValue: {} }] } })).toEqual([1, null, []]);
    expect(
      valueOf({ kvlistValue: { values: [{ key: "a", value: { boolValue: false } }, { value: null }, 7] } }),
    ).toEqual({
      a: false,
      "": null,
    });
    expect(valueOf({ bytesValue: "_-8" })).toBe("/+8=");
    expect(valueOf({ bytesValue: 3 })).toBe(3);
    expect(valueOf({ boolValue: "true" })).toBe(true);
    expect(valueOf({ boolValue: "false" })).toBe(false);
    expect(valueOf({ stringValue: null, intValue: 3 })).toBe(3);
    expect(valueOf({ futureValue: 1 })).toBeNull();
    expect(valueOf(null)).toBeNull();
  });

  test("a bare value is taken for what it is", () => {
    expect(valueOf("text")).toBe("text");
    expect(valueOf([1, { stringValue: "x" }])).toEqual([1, "x"]);
  });

  test("null stands for a field that is not there", () => {
    const span = decodeSpan({
      parentSpanId: null,
      name: null,
      kind: null,
      attributes: null,
      events: null,
      links: null,
      status: null,
      startTimeUnixNano: null,
    });
    expect(span).toMatchObject({ parentSpanId: "", name: "", kind: 0, startUs: 0, events: [], links: [] });
  });

  test("fields that nobody knows are ignored", () => {
    expect(
      decode({ unknown: 1, resourceSpans: [{ x: 1, scopeSpans: [{ y: 2, spans: [{ ...spanOf(), z: 3 }] }] }] }),
    ).toMatchObject({
      rejected: 0,
      reason: undefined,
    });
  });

  test.each([
    {},
    { resourceSpans: null },
    { resourceSpans: [] },
    { resourceSpans: [{}] },
    { resourceSpans: [{ scopeSpans: [{}] }] },
  ])("%j is an empty export", (body) => expect(decode(body)).toEqual({ items: [], rejected: 0, reason: undefined }));
});

describe("what is wrong costs the spans in it and no others", () => {
  test("ids", () => {
    const body = exportOf([{}, { traceId: "xyz" }, { spanId: "0000000000000000" }, { parentSpanId: "12" }]);
    expect(decode(body)).toMatchObject({
      items: [{ spanId: SPAN_ID }],
      rejected: 3,
      reason: "resourceSpans.0.scopeSpans.0.spans.1.traceId: expected 16 bytes, not all zero",
    });
  });

  test.each([
    ["traceId", { traceId: undefined }, "expected 16 bytes, not all zero"],
    ["spanId", { spanId: 7 }, "expected 8 bytes, not all zero"],
    ["parentSpanId", { parentSpanId: {} }, "expected 8 bytes or none"],
    ["attributes", { attributes: { "user.id": "u" } }, "expected a list"],
    ["events", { events: "none" }, "expected a list"],
    ["links", { links: 0 }, "expected a list"],
  ])("the field %s", (field, wrong, problem) => {
    const {
      items: spans,
      rejected,
      reason,
    } = decode({
      resourceSpans: [{ scopeSpans: [{ spans: [{ ...spanOf(), ...wrong }, spanOf()] }] }],
    });
    expect({ spans: spans.length, rejected, reason }).toEqual({
      spans: 1,
      rejected: 1,
      reason: `resourceSpans.0.scopeSpans.0.spans.0.${field}: ${problem}`,
    });
  });

  test("lists and objects above the spans", () => {
    const good = { scopeSpans: [{ spans: [spanOf()] }] };
    const resourceSpans = [7, { scopeSpans: {} }, { scopeSpans: ["x", { spans: {} }, { spans: [null] }] }, good];
    const { items: spans, rejected, reason } = decode({ resourceSpans });
    expect({ spans: spans.length, rejected, reason }).toEqual({
      spans: 1,
      rejected: 5,
      reason: "resourceSpans.0: expected an object",
    });
  });

  test("attributes of a resource or a scope cost no span, and the sender is told", () => {
    const body = {
      resourceSpans: [{ resource: { attributes: {} }, scopeSpans: [{ scope: { attributes: 1 }, spans: [spanOf()] }] }],
    };
    const { items: spans, rejected, reason } = decode(body);
    expect({ spans: spans.length, rejected }).toEqual({ spans: 1, rejected: 0 });
    expect(reason).toBe("resourceSpans.0.resource.attributes: expected a list; it was left out");
  });

  test("items of attributes, events and links that are no objects are left out", () => {
    const span = decodeSpan({ attributes: [1, ...keyValues({ a: 1 }), { value: {} }], events: ["x"], links: [null] });
    expect([...span.attributes]).toEqual([["a", 1]]);
    expect(span.droppedAttributes).toBe(2);
  });

  test("attributes, events and links beyond the limit are counted", () => {
    const many = Object.fromEntries(
      Array.from({ length: LIMITS.maxAttributesPerSpan + 1 }, (_, index) => [`k${index}`, index]),
    );
    const events = Array.from({ length: LIMITS.maxAttributesPerSpan + 2 }, () => ({ name: "e" }));
    const links = Array.from({ length: LIMITS.maxAttributesPerSpan + 3 }, () => ({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
    }));
    expect(decodeSpan({ attributes: keyValues(many), events, links })).toMatchObject({
      droppedAttributes: 1,
      droppedEvents: 2,
      droppedLinks: 3,
    });
  });
});

describe("what is no export of spans is refused", () => {
  test.each([
    [[], "Body must be a JSON object"],
    ["text", "Body must be a JSON object"],
    [null, "Body must be a JSON object"],
    [{ resourceSpans: {} }, "resourceSpans must be a list"],
    [{ resourceLogs: [] }, "Body holds resourceLogs: this address takes traces only"],
    [{ resourceMetrics: [{}] }, "Body holds resourceMetrics: this address takes traces only"],
  ])("%j", (body, message) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: "BAD_REQUEST", message }));
  });
});
