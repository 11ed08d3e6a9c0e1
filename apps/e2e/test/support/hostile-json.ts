/*
 * Values that break naive servers, as raw JSON text: some of them no JSON writer would produce.
 * Grouped by the kind of field that they are put into.
 */

export type Hostile = { readonly title: string; readonly json: string };

const text = (title: string, json: string): Hostile => ({ title, json });
const times = (count: number, part: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => part(index)).join(",");

const WRONG_TYPES = [
  text("a number", "5"),
  text("a boolean", "true"),
  text("a list", "[]"),
  text("an object", "{}"),
  text("an object with a length that is none", '{"length":{"toString":1,"valueOf":1}}'),
  text("null", "null"),
];

export const HOSTILE_TEXTS: readonly Hostile[] = [
  ...WRONG_TYPES,
  text("U+0000", String.raw`"a\u0000b"`),
  text("a lone surrogate", String.raw`"a\ud800b"`),
  text("nothing", '""'),
  text("SQL", `"'; DROP TABLE traces; --"`),
  text("100 KB", `"${"é".repeat(50_000)}"`),
];

export const HOSTILE_IDS: readonly Hostile[] = [
  ...WRONG_TYPES,
  text("U+0000", String.raw`"id\u0000"`),
  text("a lone surrogate", String.raw`"id\udc00"`),
  text("nothing", '""'),
  text("300 characters", `"${"i".repeat(300)}"`),
  text("900 characters", `"${"i".repeat(900)}"`),
  text("800 ideographs", `"${"語".repeat(800)}"`),
  text("__proto__", '"__proto__"'),
  text("a path", '"../../etc/passwd?x=%00#y"'),
  text("a carriage return", String.raw`"a\rb"`),
];

export const HOSTILE_VALUES: readonly Hostile[] = [
  text("__proto__", '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  text("U+0000 in key and value", String.raw`{"a\u0000":"\u0000"}`),
  text("lone surrogates in key and value", String.raw`{"\ud800":["\udfff"]}`),
  text("a key twice", '{"a":1,"a":2}'),
  text("an empty key", '{"":{"":[]}}'),
  text("a hundred levels", `${'{"a":'.repeat(100)}1${"}".repeat(100)}`),
  text("ten thousand levels", `${"[".repeat(10_000)}${"]".repeat(10_000)}`),
  text("1e400", '{"a":1e400}'),
  text("-1e400 in a list", "[-1e400]"),
  text("the largest double", '{"a":[1.7976931348623157e308,5e-324,-0,9007199254740993]}'),
  text("a megabyte of text", `"${"x".repeat(1_000_000)}"`),
  text("ten thousand keys", `{${times(10_000, (index) => `"k${index}":${index}`)}}`),
];

export const HOSTILE_TIMES: readonly Hostile[] = [
  ...WRONG_TYPES,
  text("the year 294277", '"+294277-01-01T00:00:00.000Z"'),
  text("JavaScript's last moment", '"+275760-09-13T00:00:00.000Z"'),
  text("a year before Christ", '"-000044-03-15T00:00:00.000Z"'),
  text("the year 0", '"0000-01-01T00:00:00.000Z"'),
  text("the year 1", '"0001-01-01T00:00:00.000Z"'),
  text("the year 9999", '"9999-12-31T23:59:59.999Z"'),
  text("month 13", '"2026-13-45T99:99:99Z"'),
  text("words", '"yesterday"'),
  text("nothing", '""'),
];

export const HOSTILE_USAGES: readonly Hostile[] = [
  ...WRONG_TYPES,
  text("negative counts", '{"input":-1,"output":-9223372036854775808}'),
  text("counts beyond int4", '{"input":3000000000,"output":1,"total":3000000001}'),
  text("counts beyond int8", '{"input":9223372036854775808,"output":1e300}'),
  text("fractions", '{"input":1.5,"output":0.1}'),
  text("texts", '{"input":"5","output":{}}'),
  text("__proto__", '{"__proto__":5,"constructor":7}'),
  text("U+0000", String.raw`{"in\u0000put":5}`),
  text("ten thousand keys", `{${times(10_000, (index) => `"k${index}":${index}`)}}`),
];

export const HOSTILE_TAGS: readonly Hostile[] = [
  ...WRONG_TYPES,
  text("U+0000 and a lone surrogate", String.raw`["a\u0000","\ud800"]`),
  text("no texts", "[1,null,{},[]]"),
  text("empty and repeated", '["","","a","a"]'),
  text("a hundred thousand", `[${times(100_000, (index) => `"t${index}"`)}]`),
  text("one of 100 KB", `["${"t".repeat(100_000)}"]`),
];

/** Beyond what a request may hold, so only sent once for each protocol. */
export const MILLION_KEYS: Hostile = text(
  "a million keys",
  `{${times(1_000_000, (index) => `"${index.toString(36)}":0`)}}`,
);
