import * as fc from "fast-check";

/* JSON as text: much of what is hostile is nothing that a JSON writer would produce. */

/** Values that break naive servers and are JSON. */
const ATOMS: readonly string[] = [
  String.raw`"a\u0000b"`,
  String.raw`{"a\u0000b":1}`,
  String.raw`"\ud800"`,
  String.raw`{"\udfff":"\ud83d"}`,
  '{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}}}',
  '{"a":1,"a":{"b":2}}',
  '{"length":{"toString":1,"valueOf":1}}',
  "9007199254740993",
  "-1",
  "1.5",
  "1e308",
  "9223372036854775808",
  '"+275760-09-13T00:00:00.000Z"',
  '"-000044-03-15T00:00:00.000Z"',
  "0",
  "1772359200000000000",
  `"'; DROP TABLE traces; --"`,
  String.raw`"%_\\\r\n\t"`,
  `"${"語".repeat(300)}"`,
  `${'{"a":'.repeat(100)}1${"}".repeat(100)}`,
  `"\uFFFE\u202E\u0007"`,
];

/** No JSON, or more than a body may hold: they end the whole request, so they are rare. */
const KILLERS: readonly string[] = [
  "1e400",
  "NaN",
  "-Infinity",
  "undefined",
  "{",
  "",
  `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
  `"${"x".repeat(2_500_000)}"`,
  `[${Array.from({ length: 100_000 }, (_, index) => `"t${index}"`).join(",")}]`,
  `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":${index}`).join(",")}}`,
];

const ordinary = fc
  .oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.double(), fc.integer(), fc.boolean(), fc.constant(null))
  .map((value) => JSON.stringify(value));

/** Each atom in one of a hundred values, each killer in one of two thousand. */
const leaf: fc.Arbitrary<string> = fc.oneof(
  { weight: 2_000 - 20 * ATOMS.length - KILLERS.length, arbitrary: ordinary },
  { weight: 20 * ATOMS.length, arbitrary: fc.constantFrom(...ATOMS) },
  { weight: KILLERS.length, arbitrary: fc.constantFrom(...KILLERS) },
);

const key = fc.oneof(
  fc.constantFrom("id", "a", "__proto__", "toString", "length", ""),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** Any JSON, and a little that is none. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: false }, leaf, tie("list"), tie("object")),
  list: fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
  object: fc
    .array(fc.tuple(key, tie("value")), { maxLength: 4 })
    .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`),
})).value;

/** A JSON object as text, and which of its fields are still what they were. */
export type Mutated = { readonly text: string; readonly intact: ReadonlySet<string> };

/**
 * A valid object with a few fields replaced, dropped, repeated or added.
 * `fields` are by name, as JSON text.
 */
export function mutated(fields: Readonly<Record<string, string>>): fc.Arbitrary<Mutated> {
  const change = fc.oneof(
    { weight: 92, arbitrary: fc.constant({ kind: "keep" } as const) },
    { weight: 5, arbitrary: jsonText.map((text) => ({ kind: "replace", text }) as const) },
    { weight: 1, arbitrary: jsonText.map((text) => ({ kind: "repeat", text }) as const) },
    { weight: 2, arbitrary: fc.constant({ kind: "drop" } as const) },
  );
  const names = Object.keys(fields);
  const extra = fc.array(fc.tuple(key, jsonText), { maxLength: 1 });
  return fc
    .tuple(fc.array(change, { minLength: names.length, maxLength: names.length }), extra)
    .map(([changes, extras]) => {
      const intact = new Set<string>();
      const parts: string[] = [];
      for (const [index, name] of names.entries()) {
        const pair = (text: string) => parts.push(`${JSON.stringify(name)}:${text}`);
        const made = changes[index] ?? { kind: "keep" as const };
        if (made.kind === "keep") intact.add(name);
        if (made.kind === "keep" || made.kind === "repeat") pair(fields[name] ?? "null");
        if (made.kind === "replace" || made.kind === "repeat") pair(made.text);
      }
      for (const [name, text] of extras) {
        intact.delete(name);
        parts.push(`${JSON.stringify(name)}:${text}`);
      }
      return { text: `{${parts.join(",")}}`, intact };
    });
}
