import { LIMITS } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeProtobuf } from "./decode-protobuf.ts";
import { exportOf, keyValues, SPAN_ID, TRACE_ID } from "./fixtures/export-of.ts";
import { anyValue, bytes, IDS, join, keyValue, requestWith, toProtobuf } from "./fixtures/to-protobuf.ts";
import type { OtlpSpan } from "./otlp-span.ts";
import { createSpanIntake } from "./span-intake.ts";

function only(body: Buffer): OtlpSpan {
  const intake = createSpanIntake();
  decodeProtobuf(body, intake);
  const { items: spans } = intake.result();
  expect(spans).toHaveLength(1);
  return spans[0] as OtlpSpan;
}

describe("attributes in protobuf", () => {
  test("loses no more than the attributes beyond the limit, and counts them", () => {
    const many = Object.fromEntries(
      Array.from({ length: LIMITS.maxAttributesPerSpan + 5 }, (_, index) => [`k${index}`, index]),
    );
    const span = only(toProtobuf(exportOf([{ attributes: many, droppedAttributesCount: 2 }])));
    expect(span.attributes.size).toBe(LIMITS.maxAttributesPerSpan);
    expect(span.droppedAttributes).toBe(7);
  });

  test("loses events and links beyond the limit, and counts them", () => {
    const events = Array.from({ length: LIMITS.maxAttributesPerSpan + 2 }, () => ({ name: "e" }));
    const links = Array.from({ length: LIMITS.maxAttributesPerSpan + 1 }, () => ({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
    }));
    const span = only(toProtobuf(exportOf([{ events, links }])));
    expect([span.events.length, span.droppedEvents]).toEqual([LIMITS.maxAttributesPerSpan, 2]);
    expect([span.links.length, span.droppedLinks]).toEqual([LIMITS.maxAttributesPerSpan, 1]);
  });

  test("counts an attribute without a name as dropped", () => {
    const span = only(requestWith(IDS, bytes(9, keyValue("", { stringValue: "x" }))));
    expect([span.attributes.size, span.droppedAttributes]).toEqual([0, 1]);
  });

  test("turns numbers that JSON lacks into their names", () => {
    const span = only(toProtobuf(exportOf([{ attributes: { a: Number.NaN, b: Infinity, c: -Infinity } }])));
    expect([...span.attributes.values()]).toEqual(["NaN", "Infinity", "-Infinity"]);
  });

  test("keeps a member __proto__ plain data", () => {
    const hostile = { kvlistValue: { values: keyValues({ ["__proto__"]: { polluted: true } }) } };
    const span = only(requestWith(IDS, bytes(9, keyValue("__proto__", hostile))));
    const value = span.attributes.get("__proto__");
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true}}');
    expect("polluted" in {}).toBe(false);
  });

  test("takes values 64 levels deep and refuses deeper ones", () => {
    const nested = (levels: number) => {
      let value = anyValue({ boolValue: true });
      for (let level = 1; level < levels; level++) value = bytes(5, bytes(1, value));
      return requestWith(IDS, bytes(9, join([bytes(1, "deep"), bytes(2, value)])));
    };
    expect(JSON.stringify(only(nested(64)).attributes.get("deep"))).toBe(`${"[".repeat(63)}true${"]".repeat(63)}`);
    expect(() => only(nested(65))).toThrow(expect.objectContaining({ code: "TOO_DEEP" }));
  });
});
