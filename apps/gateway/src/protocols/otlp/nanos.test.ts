import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { usFromHalves, usFromJson } from "./nanos.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;

describe("nanoseconds", () => {
  test("become the same microseconds from halves, text and big integers", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (nanos) => {
        const exact = Math.min(Number(nanos / 1_000n), LARGEST);
        expect(usFromHalves(Number(nanos & 0xffff_ffffn), Number(nanos >> 32n))).toBe(exact);
        expect(usFromJson(nanos.toString())).toBe(exact);
      }),
    );
  });

  test("are taken from a JSON number, to the microsecond that it still holds", () => {
    expect(usFromJson(1_767_323_045_000_006_000)).toBe(1_767_323_045_000_006);
    expect(usFromJson("1.767e18")).toBe(1_767_000_000_000_000);
  });

  test("are cut at the largest time that a number holds", () => {
    expect(usFromJson("99999999999999999999")).toBe(LARGEST);
    expect(usFromJson(1e300)).toBe(LARGEST);
  });

  test.each([undefined, null, "", "soon", "-5", -5, true, {}, [], "999", 0.5])("are missing in %j", (value) => {
    expect(usFromJson(value)).toBe(0);
  });
});
