import * as fc from "fast-check";
import { exportOf, field, fixed64, span } from "../protobuf-span.ts";
import type { MakeRequest } from "./fuzz-request.ts";

/** Of any number and type: fields that are known with a wrong content, and fields that nobody knows. */
const anyField = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 100_000 })),
    fc.constantFrom(0, 1, 2, 5),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([number, wireType, bytes]) => {
    const key = varint(number * 8 + wireType);
    if (wireType === 0) return Buffer.concat([key, varint(bytes[0] ?? 0)]);
    if (wireType === 1) return Buffer.concat([key, Buffer.concat([bytes, Buffer.alloc(8)]).subarray(0, 8)]);
    if (wireType === 5) return Buffer.concat([key, Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, 4)]);
    return Buffer.concat([key, varint(bytes.length), bytes]);
  });

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

const hostileSpan = fc.record(
  {
    traceId: fc.uint8Array({ maxLength: 20 }),
    spanId: fc.uint8Array({ maxLength: 10 }),
    name: fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 20 })),
    start: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    end: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    rest: fc.array(anyField, { maxLength: 6 }),
  },
  { requiredKeys: [] },
);

type Edit = { readonly kind: "flip" | "insert" | "remove" | "cut"; readonly place: number; readonly byte: number };

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("flip", "flip", "flip", "insert", "remove", "cut"),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: fc.integer({ min: 0, max: 255 }),
});

function edited(bytes: Buffer, { kind, place, byte }: Edit): Buffer {
  const at = Math.floor(place * bytes.length);
  if (kind === "cut") return bytes.subarray(0, at);
  const tail = bytes.subarray(kind === "insert" ? at : at + 1);
  return Buffer.concat([bytes.subarray(0, at), ...(kind === "remove" ? [] : [Buffer.from([byte])]), tail]);
}

const edits = fc.oneof(fc.constant([]), fc.array(edit, { minLength: 1, maxLength: 4 }));

/** Spans of any content beside one in order; every second message is then changed by some bytes. */
const spansExport: fc.Arbitrary<MakeRequest> = fc
  .tuple(fc.array(hostileSpan, { maxLength: 3 }), edits)
  .map(([spans, changes]) => (serial) => {
    const traceId = Buffer.alloc(16, 0xaa);
    const spanId = Buffer.from(`900d${serial.toString(16).padStart(12, "0")}`, "hex");
    traceId.writeUInt32BE(serial, 12);
    const message = exportOf(...spans.map((each) => span(each)), span({ traceId, spanId, name: "good" }));
    const isAsMade = changes.length === 0;
    return {
      method: "POST",
      path: "/v1/traces",
      headers: { "Content-Type": "application/x-protobuf" },
      body: changes.reduce(edited, message),
      rows: [],
      ...(isAsMade && {
        neighbour: {
          table: "observations",
          id: spanId.toString("hex"),
          isAccepted: ({ status }) => status === 200,
        },
      }),
    };
  });

const anyMessage = fc.array(anyField, { maxLength: 8 }).map((fields) => Buffer.concat(fields));

/** Messages of any content beside an event in order. */
const logsExport: fc.Arbitrary<MakeRequest> = fc
  .tuple(fc.array(anyMessage, { maxLength: 3 }), edits)
  .map(([messages, changes]) => (serial) => {
    const spanId = Buffer.from(`902d${serial.toString(16).padStart(12, "0")}`, "hex");
    const good = Buffer.concat([
      fixed64(1, 1_772_359_200_000_000_000n),
      field(5, field(1, "good")),
      field(9, Buffer.alloc(16, 0xab)),
      field(10, spanId),
      field(12, "gen_ai.user.message"),
    ]);
    return {
      ...requestOf("/v1/logs", changes.reduce(edited, exportOf(...messages, good))),
      rows: [],
      ...(changes.length === 0 && {
        neighbour: { table: "observations", id: spanId.toString("hex"), isAccepted: ({ status }) => status === 200 },
      }),
    };
  });

/** Data of each kind with points of any content, beside a point in order. */
const metricsExport: fc.Arbitrary<MakeRequest> = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(5, 7, 9, 10, 11), anyMessage), { maxLength: 4 }), edits)
  .map(([points, changes]) => (serial) => {
    const name = `f-${serial}-good-point`;
    const hostile = points.map(([kind, point]) => Buffer.concat([field(1, "m"), field(kind, field(1, point))]));
    const good = Buffer.concat([field(1, name), field(5, field(1, fixed64(6, 7n)))]);
    return {
      ...requestOf("/v1/metrics", changes.reduce(edited, exportOf(...hostile, good))),
      rows: [],
      ...(changes.length === 0 && {
        neighbour: { table: "metrics", id: name, isAccepted: ({ status }) => status === 200 },
      }),
    };
  });

function requestOf(path: string, body: Buffer) {
  return { method: "POST", path, headers: { "Content-Type": "application/x-protobuf" }, body } as const;
}

export const protobufExport: fc.Arbitrary<MakeRequest> = fc.oneof(spansExport, logsExport, metricsExport);
