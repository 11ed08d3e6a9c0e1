import fc from "fast-check";
import { expect, test } from "vitest";
import { readerOf, readName, readString } from "./protobuf-reader.ts";

/** Each with its length before it, as protobuf has texts. */
function written(names: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(names.flatMap((name) => [Buffer.from([name.length]), name]));
}

function readAll(names: readonly Uint8Array[], read: typeof readName): string[] {
  const reader = readerOf(written(names));
  return names.map(() => read(reader));
}

test("names read as any text does, however often they came before", () => {
  const usual = fc.constantFrom("gen_ai.prompt.0.role", "gen_ai.prompt.1.role", "a", "b", "ab", "ba", "x".repeat(97));
  // Few bytes, so that they come to the same names often: ASCII, halves of é and what stands for them in Latin-1, U+0000.
  const bytes = fc.constantFrom(0x61, 0x62, 0xc3, 0xa9, 0x83, 0xc2, 0x00, 0xff);
  const name = fc.oneof(
    usual.map((text) => Buffer.from(text)),
    fc.array(bytes, { maxLength: 4 }).map((list) => Buffer.from(list)),
    fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), (names) => {
      const twice = [...names, ...names].filter(({ length }) => length < 128);
      expect(readAll(twice, readName)).toEqual(readAll(twice, readString));
    }),
    { numRuns: 2_000 },
  );
});

test("what was read as two letters is not taken for the one letter that has their codes as its bytes", () => {
  const names = ["Ã©", "é", "Ã©", "é"].map((text) => Buffer.from(text));
  expect(readAll(names, readName)).toEqual(["Ã©", "é", "Ã©", "é"]);
});

test("more names than are remembered", () => {
  const names = Array.from({ length: 5_000 }, (_, index) => Buffer.from(`name.${index % 3_000}`));
  expect(readAll(names, readName)).toEqual(names.map(String));
});
