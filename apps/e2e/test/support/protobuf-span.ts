/** Just enough protobuf to write an OTLP export by hand, also one that no library would write. */

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A field of wire type 2: text, bytes or a message. */
export function field(number: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

export function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint((number << 3) | 1), bytes]);
}

/** Spans, or what stands in their place in exports of the other signals. */
export function exportOf(...spans: readonly Uint8Array[]): Buffer {
  return field(1, field(2, Buffer.concat(spans.map((span) => field(2, span)))));
}

const START = 1_772_359_200_000_000_000n;

export type SpanParts = {
  readonly traceId?: Uint8Array;
  readonly spanId?: Uint8Array;
  readonly name?: string | Uint8Array;
  readonly start?: bigint;
  readonly end?: bigint;
  /** Appended as they are: fields of the span in their encoded form. */
  readonly rest?: readonly Uint8Array[];
};

export function span(parts: SpanParts): Buffer {
  const {
    traceId = Buffer.alloc(16, 0xba),
    spanId = Buffer.alloc(8, 0xba),
    name = "hostile",
    start = START,
    end = START,
    rest = [],
  } = parts;
  return Buffer.concat([
    field(1, traceId),
    field(2, spanId),
    field(5, name),
    fixed64(7, start),
    fixed64(8, end),
    ...rest,
  ]);
}

/** An attribute of a span; `value` is an encoded AnyValue. */
function attribute(key: string | Uint8Array, value: Uint8Array): Buffer {
  return field(9, Buffer.concat([field(1, key), field(2, value)]));
}

const stringValue = (text: string | Uint8Array) => field(1, text);

/** `depth` lists in each other. */
function nestedLists(depth: number): Buffer {
  let value: Buffer = stringValue("deep");
  for (let level = 0; level < depth; level++) value = field(5, field(1, value));
  return value;
}

export const HOSTILE_EXPORTS: ReadonlyArray<readonly [title: string, span: Uint8Array]> = [
  ["U+0000 in a name", span({ name: "a\u0000b" })],
  ["invalid UTF-8 in a name", span({ name: Buffer.from([0xff, 0xfe, 0xc0]) })],
  ["a lone surrogate as CESU-8", span({ name: Buffer.from([0xed, 0xa0, 0x80]) })],
  ["a trace id of 15 bytes", span({ traceId: Buffer.alloc(15, 1) })],
  ["an empty trace id", span({ traceId: Buffer.alloc(0) })],
  ["a trace id of zeros", span({ traceId: Buffer.alloc(16) })],
  ["a span id of 900 bytes", span({ spanId: Buffer.alloc(900, 1) })],
  ["a span id of zeros", span({ spanId: Buffer.alloc(8) })],
  ["the last moment of uint64", span({ start: 2n ** 64n - 1n, end: 2n ** 64n - 1n })],
  ["a start at 0", span({ start: 0n, end: 0n })],
  ["an end before the start", span({ end: 1n })],
  ["a value nested ten thousand deep", span({ rest: [attribute("deep", nestedLists(10_000))] })],
  [
    "a key __proto__",
    span({ rest: [attribute("__proto__", stringValue("x")), attribute("constructor", stringValue("y"))] }),
  ],
  ["a key with U+0000", span({ rest: [attribute("a\u0000", stringValue("\u0000"))] })],
  ["an infinite double", span({ rest: [attribute("d", Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f]))] })],
  ["a double that is no number", span({ rest: [attribute("d", Buffer.from([0x21, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]))] })],
  [
    "five thousand attributes",
    span({ rest: Array.from({ length: 5_000 }, (_, index) => attribute(`k${index}`, stringValue("v"))) }),
  ],
  ["a megabyte of text", span({ rest: [attribute("input.value", stringValue("x".repeat(1_000_000)))] })],
  ["usage that is no JSON", span({ rest: [attribute("langfuse.observation.usage_details", stringValue("{"))] })],
  [
    "usage of 1e300",
    span({ rest: [attribute("langfuse.observation.usage_details", stringValue('{"input":1e300,"output":-1}'))] }),
  ],
  ["fields that nobody knows", span({ rest: [field(999, "x"), Buffer.concat([varint((1000 << 3) | 0), varint(5)])] })],
  ["a group", span({ rest: [Buffer.concat([varint((50 << 3) | 3), varint((50 << 3) | 4)])] })],
];

/** Not even a message. */
export const BROKEN_EXPORTS: ReadonlyArray<readonly [title: string, body: Uint8Array]> = [
  ["a cut message", exportOf(span({})).subarray(0, 20)],
  ["a length beyond the end", Buffer.concat([varint((1 << 3) | 2), varint(1_000_000), Buffer.from("x")])],
  ["a length of 2^63", Buffer.concat([varint((1 << 3) | 2), varint(2n ** 63n)])],
  ["an endless varint", Buffer.alloc(30, 0xff)],
  ["wire type 7", Buffer.from([0x0f])],
  ["JSON", Buffer.from('{"resourceSpans":[]}')],
];
