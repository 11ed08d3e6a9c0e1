import { AppError } from "@xtrace/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, double, fixed64, join, rawVarint, tag, varint } from "./fixtures/to-protobuf.ts";
import {
  readDouble,
  readerOf,
  readFields,
  readFixed64,
  readInt64,
  readMessage,
  readString,
  readTag,
  readVarint,
  skipField,
  tagOf,
} from "./protobuf-reader.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof AppError ? error.code : "not an AppError";
  }
  return "nothing thrown";
}

describe("numbers", () => {
  test.each<[bigint, number | string]>([
    [0n, 0],
    [1n, 1],
    [127n, 127],
    [128n, 128],
    [-1n, -1],
    [-300n, -300],
    [2n ** 53n - 1n, Number.MAX_SAFE_INTEGER],
    [-(2n ** 53n) + 1n, Number.MIN_SAFE_INTEGER],
    [2n ** 53n, "9007199254740992"],
    [2n ** 63n - 1n, "9223372036854775807"],
    [-(2n ** 63n), "-9223372036854775808"],
  ])("reads the 64-bit integer %s", (written, read) => {
    expect(readInt64(readerOf(rawVarint(written)))).toBe(read);
  });

  test("reads every 64-bit integer as itself", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (written) => {
        expect(BigInt(readInt64(readerOf(rawVarint(written))))).toBe(written);
      }),
    );
  });

  test("reads unsigned numbers, doubles and the halves of a fixed64", () => {
    expect(readVarint(readerOf(rawVarint(300n)))).toBe(300);
    const reader = readerOf(join([double(1, -0.25), fixed64(2, 0x0000_0002_0000_0001n)]));
    readTag(reader);
    expect(readDouble(reader)).toBe(-0.25);
    readTag(reader);
    expect(readFixed64(reader, (low, high) => [low, high])).toEqual([1, 2]);
  });

  test("refuses a number of more than ten bytes", () => {
    const endless = Buffer.alloc(11, 0xff);
    expect(codeOf(() => readVarint(readerOf(endless)))).toBe("BAD_REQUEST");
    expect(codeOf(() => readInt64(readerOf(endless)))).toBe("BAD_REQUEST");
  });
});

describe("text", () => {
  test("reads UTF-8, and what is none as U+FFFD", () => {
    const read = (content: Buffer) => {
      const reader = readerOf(bytes(1, content));
      readTag(reader);
      return readString(reader);
    };
    expect(read(Buffer.from("naïve 📦"))).toBe("naïve 📦");
    expect(read(Buffer.from([0x61, 0xff, 0x62]))).toBe("a\uFFFDb");
    expect(read(Buffer.from("a\0b"))).toBe("a\uFFFDb");
    // Half a surrogate pair, written as if it were a character.
    expect(read(Buffer.from([0xed, 0xa0, 0x80])).isWellFormed()).toBe(true);
  });
});

describe("fields", () => {
  test("skips fields of every type, nested groups among them", () => {
    const group = join([tag(3, 3), varint(1, 5), tag(4, 3), bytes(2, "x"), tag(4, 4), tag(3, 4)]);
    const reader = readerOf(
      join([varint(1, 1), fixed64(2, 2n), bytes(3, "c"), group, tag(5, 5), Buffer.alloc(4), varint(9, 7)]),
    );
    const known: number[] = [];
    readFields(reader, known, (from, found, target) => {
      if (found !== tagOf(9, 0)) return false;
      target.push(readVarint(from));
      return true;
    });
    expect(known).toEqual([7]);
  });

  test.each<[string, Buffer]>([
    ["a field number of zero", rawVarint(2n)],
    ["a field number beyond 29 bits", rawVarint(2n ** 35n)],
    ["a group that ends but did not begin", tag(1, 4)],
    ["a group that another one ends", join([tag(1, 3), tag(2, 4)])],
    ["a group without an end", tag(1, 3)],
    ["groups a hundred deep", Buffer.alloc(100, tag(1, 3))],
    ["an unknown wire type", tag(1, 6)],
    ["a length beyond the end", join([tag(1, 2), rawVarint(5n), Buffer.from("ab")])],
    ["a length of 2^63", join([tag(1, 2), rawVarint(2n ** 63n)])],
    ["a fixed64 cut short", join([tag(1, 1), Buffer.alloc(7)])],
    ["a fixed32 cut short", join([tag(1, 5), Buffer.alloc(3)])],
    ["a number cut short", Buffer.from([8, 0x80])],
    ["a tag cut short", Buffer.from([0x80])],
  ])("refuses %s", (_, body) => {
    expect(codeOf(() => readFields(readerOf(body), null, () => false))).toBe("BAD_REQUEST");
  });

  test("never reads beyond the message at hand", () => {
    // The inner field claims five bytes, which the outer message has and the inner one has not.
    const lying = join([tag(1, 2), rawVarint(2n), tag(1, 2), rawVarint(5n), Buffer.from("abcde")]);
    const reader = readerOf(lying);
    readTag(reader);
    expect(codeOf(() => readMessage(reader, null, (inner, found) => (skipField(inner, found), true)))).toBe(
      "BAD_REQUEST",
    );
  });

  test("reads from the middle of a larger buffer", () => {
    const whole = join([Buffer.from("before"), rawVarint(42n), Buffer.from("after")]);
    expect(readVarint(readerOf(whole.subarray(6, 7)))).toBe(42);
  });
});
