import { LIMITS } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { WireId, WireReference, WireTags, WireTime } from "./wire-fields.ts";

function messagesOf(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
}

describe("WireId", () => {
  test("takes any text of 1 to 800 bytes", () => {
    for (const id of ["x", "not a uuid", "x".repeat(800), "é".repeat(400)]) expect(WireId.parse(id)).toBe(id);
  });

  test("refuses what an index entry could not hold twice", () => {
    expect(messagesOf(WireId, "x".repeat(801))).toEqual([": longer than 800 bytes"]);
    expect(messagesOf(WireId, "漢".repeat(300))).toEqual([": longer than 800 bytes"]);
    expect(messagesOf(WireReference, "x".repeat(801))).toEqual([": longer than 800 bytes"]);
  });

  test("refuses an empty id, which a reference may be", () => {
    expect(WireId.safeParse("").success).toBe(false);
    expect(WireReference.parse("")).toBe("");
  });
});

describe("WireTime", () => {
  test.each([
    ["2026-01-02T03:04:05Z", 1_767_323_045_000_000],
    ["2026-01-02T03:04:05.678901234Z", 1_767_323_045_678_901],
    ["2026-01-02T04:04:05.5+01:00", 1_767_323_045_500_000],
    ["1969-12-31T23:59:59Z", -1_000_000],
  ])("reads %s", (text, timeUs) => {
    expect(WireTime.parse(text)).toBe(timeUs);
  });

  test.each(["", "now", "2026-01-02", "2026-01-02T03:04:05", "1767323045000"])("refuses %j", (text) => {
    expect(messagesOf(WireTime, text)).toEqual([": expected an ISO 8601 time with an offset"]);
  });

  test.each(["0000-01-01T00:00:00Z", "1500-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])(
    "refuses %s, which is beyond exact microseconds",
    (text) => {
      expect(messagesOf(WireTime, text)).toEqual([": expected a time between the years 1685 and 2255"]);
    },
  );
});

describe("WireTags", () => {
  test("keeps the first 100 different tags and looks at no more", () => {
    const many = [...Array.from({ length: 100_000 }, (_, index) => `t${index}`), 5];
    expect(WireTags.parse(many)).toEqual(many.slice(0, LIMITS.maxTags));
    expect(WireTags.parse(["a", "a", "b"])).toEqual(["a", "b"]);
  });

  test("cuts a long tag", () => {
    expect(WireTags.parse(["x".repeat(1000)])).toEqual(["x".repeat(LIMITS.maxTagLength)]);
  });

  test("names a tag that is no text", () => {
    expect(messagesOf(WireTags, ["a", 1])).toEqual(["1: expected a string"]);
    expect(messagesOf(WireTags, "a")).toEqual([": expected an array"]);
  });
});
