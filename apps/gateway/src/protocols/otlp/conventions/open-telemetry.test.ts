import { stampOf } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeSpan, NOW_US } from "../fixtures/decode-fixture.ts";
import { SPAN_ID, START_US, TRACE_ID, type SpanGiven, type Values } from "../fixtures/export-of.ts";

function observe(span: SpanGiven, around?: Parameters<typeof decodeSpan>[1]) {
  return decodeSpan(span, around).observation;
}

describe("status", () => {
  const exception = (type: string, message: string) => ({
    name: "exception",
    attributes: { "exception.type": type, "exception.message": message },
  });

  test("an error is a level, with its message", () => {
    expect(observe({ status: { code: 2, message: "broken" } })).toMatchObject({
      level: "ERROR",
      statusMessage: "broken",
    });
    expect(observe({ status: { code: 1 } })).not.toHaveProperty("level");
  });

  test("an error without a message has that of its last exception", () => {
    const events = [exception("Retryable", "first"), exception("TypeError", "last")];
    expect(observe({ status: { code: 2 }, events }).statusMessage).toBe("TypeError: last");
    expect(observe({ events })).not.toHaveProperty("statusMessage");
    expect(
      observe({ status: { code: 2 }, events: [{ name: "exception" }], attributes: { "error.type": "500" } })
        .statusMessage,
    ).toBe("500");
    expect(observe({ status: { code: 2 } })).not.toHaveProperty("statusMessage");
  });
});

describe("times", () => {
  test.each([
    ["an end before the start is the start", { startUs: START_US, endUs: START_US - 5 }, START_US, START_US],
    ["a missing end is the start", { startUs: START_US, endUs: 0 }, START_US, START_US],
    ["a missing start is the end", { startUs: 0, endUs: START_US }, START_US, START_US],
    ["both missing are now", { startUs: 0, endUs: 0 }, NOW_US, NOW_US],
  ])("%s", (_, given, startTimeUs, endTimeUs) => {
    expect(observe(given)).toMatchObject({ startTimeUs, endTimeUs, stamp: stampOf(endTimeUs) });
  });
});

describe("deployment", () => {
  const resource = { "service.version": "1.2", "deployment.environment": "Old", "deployment.environment.name": "Prod" };

  test("gives version and environment, below what was said by hand", () => {
    expect(observe({}, { resource })).toMatchObject({ version: "1.2", environment: "prod" });
    expect(
      observe({ attributes: { "langfuse.version": "x", "langfuse.environment": "y" } }, { resource }),
    ).toMatchObject({
      version: "x",
      environment: "y",
    });
  });

  test("speaks for the trace weakly, unless the span is its root", () => {
    const child = decodeSpan({ parentSpanId: "b".repeat(16) }, { resource }).traces;
    expect(child.find(({ version }) => version)).toMatchObject({
      stamp: stampOf(START_US, "inferred"),
      environment: "prod",
    });
    const root = decodeSpan({}, { resource }).traces;
    expect(root.find(({ version }) => version)).toMatchObject({
      stamp: stampOf(START_US, "derived"),
      environment: "prod",
    });
  });
});

describe("metadata", () => {
  test("keeps all that no field has", () => {
    const span: SpanGiven = {
      kind: 2,
      traceState: "a=b",
      attributes: { "http.route": "/x", nested: { a: [1] } },
      events: [
        { name: "bare", timeUs: 0 },
        { name: "log", timeUs: START_US, attributes: { line: 1 } },
      ],
      links: [
        { traceId: TRACE_ID, spanId: SPAN_ID },
        { traceId: TRACE_ID, spanId: SPAN_ID, attributes: { why: "w" } },
      ],
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 3,
    };
    const around = { resource: { "service.name": "shop" }, scope: { name: "lib", version: "2", attributes: { x: 1 } } };
    expect(observe(span, around).metadata).toEqual({
      attributes: { "http.route": "/x", nested: { a: [1] } },
      resourceAttributes: { "service.name": "shop" },
      scope: { name: "lib", version: "2", attributes: { x: 1 } },
      events: [{ name: "bare" }, { name: "log", time: "2026-01-02T03:04:05.000006Z", attributes: { line: 1 } }],
      links: [
        { traceId: TRACE_ID, spanId: SPAN_ID },
        { traceId: TRACE_ID, spanId: SPAN_ID, attributes: { why: "w" } },
      ],
      kind: "SERVER",
      traceState: "a=b",
      dropped_attributes: 1,
      dropped_events: 2,
      dropped_links: 3,
    });
  });

  test("is absent when there is nothing to keep", () => expect(observe({})).not.toHaveProperty("metadata"));

  test("repeats no large resource with each of its spans", () => {
    const resource = { small: "kept", large: "x".repeat(20_000), last: "kept too" };
    expect(observe({}, { resource }).metadata?.["resourceAttributes"]).toEqual({
      small: "kept",
      last: "kept too",
      dropped_attributes: 1,
    });
  });
});

test("a span without a name has none", () => expect(observe({ name: "" })).not.toHaveProperty("name"));

test("an end user is told to the trace", () => {
  const attributes: Values = { "enduser.id": "u" };
  expect(decodeSpan({ attributes }).traces.find(({ userId }) => userId)).toMatchObject({
    userId: "u",
    stamp: stampOf(START_US),
  });
});
