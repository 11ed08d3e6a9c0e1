import { isoFromUs, usFromIso } from "@xtrace/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTimestamp } from "./read-timestamp.ts";

const MAX_US = Date.UTC(2250, 0, 1) * 1_000;

/** As PostgreSQL prints it. */
function printed(timeUs: number): string {
  return isoFromUs(timeUs)
    .replace("T", " ")
    .replace(/\.?0*Z$/, "+00");
}

test("reads every time to the microsecond, before and after 1970 and again in the same minute", () => {
  const time = fc.integer({ min: Date.UTC(1900, 0, 1) * 1_000, max: MAX_US });
  fc.assert(
    fc.property(time, fc.nat(60_000_000), (timeUs, laterUs) => {
      for (const one of [timeUs, timeUs + laterUs, timeUs]) expect(readTimestamp(printed(one))).toBe(one);
    }),
  );
});

test("reads other offsets, which a session in another zone prints", () => {
  expect(readTimestamp("2026-01-02 05:04:05.5+02")).toBe(usFromIso("2026-01-02T03:04:05.5Z"));
  expect(readTimestamp("2026-01-02 03:04:05.000001+00")).toBe(usFromIso("2026-01-02T03:04:05.000001Z"));
});

test("refuses what it cannot read", () => {
  for (const text of ["infinity", "2026-01-02 03:04:60+00", "2026-13-02 03:04:05+00", ""]) {
    expect(() => readTimestamp(text), text).toThrow("Unreadable timestamp");
  }
});
