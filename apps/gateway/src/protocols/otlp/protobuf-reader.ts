import { AppError } from "@xtrace/runtime";
import { recallName, rememberName } from "./attribute-names.ts";
import { idFromBytes } from "./ids.ts";

/*
 * Protocol buffers at the level of the wire: fields, not messages.
 *
 * Nothing is read beyond `end`, which is the end of the message at hand, so a length that
 * lies is found where it stands. Whatever is wrong throws BAD_REQUEST.
 *
 * Source: https://protobuf.dev/programming-guides/encoding
 */

export type Reader = { readonly bytes: Buffer; position: number; end: number };

export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Groups are skipped only, and no message of OTLP has one. */
const MAX_GROUP_DEPTH = 64;

export function readerOf(bytes: Uint8Array): Reader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: view, position: 0, end: view.length };
}

/** A field's number and wire type in one, as they stand on the wire. */
export function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
}

function malformed(problem: string): AppError {
  return new AppError("BAD_REQUEST", `Body is not valid protobuf: ${problem}`);
}

export function readTag(reader: Reader): number {
  const tag = readVarint(reader);
  if (tag < 8 || tag > 0xffff_ffff) throw malformed("a field has an impossible number");
  return tag;
}

/** An unsigned number. Exact up to 2^53, which is enough for lengths, counts and enums. */
export function readVarint(reader: Reader): number {
  let value = 0;
  let scale = 1;
  for (let length = 0; length < 10; length++) {
    const byte = readByte(reader);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw malformed("a number has more than 64 bits");
}

/** A signed number of 64 bits: as text when a double cannot hold it. */
export function readInt64(reader: Reader): number | string {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    const byte = readByte(reader);
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) return signed64(low >>> 0, high);
  }
  throw malformed("a number has more than 64 bits");
}

function signed64(low: number, high: number): number | string {
  const value = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(value) ? value : ((BigInt(high) << 32n) | BigInt(low)).toString();
}

function readByte(reader: Reader): number {
  if (reader.position >= reader.end) throw malformed("it ends inside a field");
  // The check above keeps the index inside the buffer.
  return reader.bytes[reader.position++] as number;
}

export function readDouble(reader: Reader): number {
  return reader.bytes.readDoubleLE(advance(reader, 8));
}

/** A fixed64, by its halves. */
export function readFixed64<T>(reader: Reader, make: (low: number, high: number) => T): T {
  const start = advance(reader, 8);
  return make(reader.bytes.readUInt32LE(start), reader.bytes.readUInt32LE(start + 4));
}

/** As idFromBytes has it. */
export function readId(reader: Reader, byteLength: number): string {
  const start = advanceBytes(reader);
  return idFromBytes(reader.bytes, byteLength, start, reader.position);
}

/** A view, not a copy. */
export function readBytes(reader: Reader): Buffer {
  const start = advanceBytes(reader);
  return reader.bytes.subarray(start, reader.position);
}

/** What PostgreSQL cannot store as text and what is not UTF-8 becomes U+FFFD. */
export function readString(reader: Reader): string {
  return textFrom(reader, advanceBytes(reader));
}

/** As a string, but one that is likely to come again. */
export function readName(reader: Reader): string {
  const start = advanceBytes(reader);
  const { bytes, position } = reader;
  const known = recallName(bytes, start, position);
  if (known !== undefined) return known;
  const name = textFrom(reader, start);
  rememberName(name, bytes, start, position);
  return name;
}

function textFrom(reader: Reader, start: number): string {
  // Decoding UTF-8 leaves no lone surrogate, so U+0000 is all that is left to clean.
  const text = reader.bytes.toString("utf8", start, reader.position);
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}

/** Confines the reader to the message that follows. Returns what `leaveMessage` needs. */
export function enterMessage(reader: Reader): number {
  const outerEnd = reader.end;
  const start = advanceBytes(reader);
  reader.end = reader.position;
  reader.position = start;
  return outerEnd;
}

export function leaveMessage(reader: Reader, outerEnd: number): void {
  reader.end = outerEnd;
}

/**
 * Reads the message that follows into `target`, field by field. `readField` returns whether it
 * knew the field and consumed it; the others are skipped.
 */
export function readMessage<T>(reader: Reader, target: T, readField: ReadField<T>): void {
  const outerEnd = enterMessage(reader);
  readFields(reader, target, readField);
  leaveMessage(reader, outerEnd);
}

export type ReadField<T> = (reader: Reader, tag: number, target: T) => boolean;

export function readFields<T>(reader: Reader, target: T, readField: ReadField<T>): void {
  while (reader.position < reader.end) {
    const tag = readTag(reader);
    if (!readField(reader, tag, target)) skipField(reader, tag);
  }
}

/** Moves past a field of any type. */
export function skipField(reader: Reader, tag: number): void {
  const openGroups: number[] = [];
  for (let next = tag; ; next = readTag(reader)) {
    const fieldNumber = next >>> 3;
    if ((next & 7) === START_GROUP) {
      if (openGroups.push(fieldNumber) > MAX_GROUP_DEPTH) throw malformed("groups are nested too deep");
    } else if ((next & 7) === END_GROUP) {
      if (openGroups.pop() !== fieldNumber) throw malformed("a group ends that did not begin");
    } else skipScalar(reader, next & 7);
    if (openGroups.length === 0) return;
  }
}

function skipScalar(reader: Reader, wireType: number): void {
  if (wireType === VARINT) readVarint(reader);
  else if (wireType === FIXED64) advance(reader, 8);
  else if (wireType === BYTES) advanceBytes(reader);
  else if (wireType === FIXED32) advance(reader, 4);
  else throw malformed("a field has an unknown wire type");
}

function advanceBytes(reader: Reader): number {
  return advance(reader, readVarint(reader));
}

/** Moves past `length` bytes and returns where they start. */
function advance(reader: Reader, length: number): number {
  const start = reader.position;
  if (length > reader.end - start) throw malformed("it ends inside a field");
  reader.position = start + length;
  return start;
}
