import { isJsonArray, isJsonObject, type JsonValue } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import { hasRoom, jsonNumber, putAttribute, type AttributeBag } from "./attribute-bag.ts";
import { objectOf } from "../fields/json-object.ts";
import {
  BYTES,
  enterMessage,
  FIXED64,
  leaveMessage,
  readBytes,
  readDouble,
  readInt64,
  readMessage,
  readName,
  readString,
  readTag,
  readVarint,
  skipField,
  tagOf,
  VARINT,
  type Reader,
} from "./protobuf-reader.ts";

/** Deeper than any instrumentation goes, and far from what overflows the stack. */
const MAX_VALUE_DEPTH = 64;

const KEY = tagOf(1, BYTES);
const VALUE = tagOf(2, BYTES);

/** Source: opentelemetry-proto, common/v1/common.proto, AnyValue */
const STRING_VALUE = tagOf(1, BYTES);
const BOOL_VALUE = tagOf(2, VARINT);
const INT_VALUE = tagOf(3, VARINT);
const DOUBLE_VALUE = tagOf(4, FIXED64);
const ARRAY_VALUE = tagOf(5, BYTES);
const KVLIST_VALUE = tagOf(6, BYTES);
const BYTES_VALUE = tagOf(7, BYTES);

/** ArrayValue.values and KeyValueList.values */
const VALUES = tagOf(1, BYTES);

/** Reads one KeyValue into the bag. */
export function readAttribute(reader: Reader, bag: AttributeBag): void {
  if (!hasRoom(bag)) return void readBytes(reader);
  const outerEnd = enterMessage(reader);
  let key = "";
  let value: JsonValue = null;
  while (reader.position < reader.end) {
    const tag = readTag(reader);
    if (tag === KEY) key = readName(reader);
    else if (tag === VALUE) value = readAnyValue(reader, 1, value);
    else skipField(reader, tag);
  }
  leaveMessage(reader, outerEnd);
  putAttribute(bag, key, value);
}

type Entry = { key: string; value: JsonValue; readonly depth: number };

function readEntryField(reader: Reader, tag: number, entry: Entry): boolean {
  if (tag === KEY) entry.key = readString(reader);
  else if (tag === VALUE) entry.value = readAnyValue(reader, entry.depth, entry.value);
  else return false;
  return true;
}

/**
 * An AnyValue as JSON: bytes as base64, an empty one as null.
 *
 * `before` is the field's value so far: protobuf lets a message come in parts, and an array or
 * object in two parts is one.
 */
export function readAnyValue(reader: Reader, depth: number, before: JsonValue): JsonValue {
  if (depth > MAX_VALUE_DEPTH) {
    throw new AppError("TOO_DEEP", `An attribute is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  }
  const outerEnd = enterMessage(reader);
  let value = before;
  while (reader.position < reader.end) {
    const tag = readTag(reader);
    if (tag === STRING_VALUE) value = readString(reader);
    else if (tag === INT_VALUE) value = readInt64(reader);
    else if (tag === DOUBLE_VALUE) value = jsonNumber(readDouble(reader));
    else if (tag === BOOL_VALUE) value = readVarint(reader) !== 0;
    else if (tag === ARRAY_VALUE) value = readArray(reader, depth, value);
    else if (tag === KVLIST_VALUE) value = readObject(reader, depth, value);
    else if (tag === BYTES_VALUE) value = readBytes(reader).toString("base64");
    else skipField(reader, tag);
  }
  leaveMessage(reader, outerEnd);
  return value;
}

function readArray(reader: Reader, depth: number, before: JsonValue): JsonValue {
  const list: List = { values: isJsonArray(before) ? [...before] : [], depth };
  readMessage(reader, list, readArrayField);
  return list.values;
}

type List = { readonly values: JsonValue[]; readonly depth: number };

function readArrayField(reader: Reader, tag: number, list: List): boolean {
  if (tag !== VALUES) return false;
  list.values.push(readAnyValue(reader, list.depth + 1, null));
  return true;
}

function readObject(reader: Reader, depth: number, before: JsonValue): JsonValue {
  const members = { entries: new Map(isJsonObject(before) ? Object.entries(before) : []), depth };
  readMessage(reader, members, readObjectField);
  return objectOf(members.entries);
}

function readObjectField(
  reader: Reader,
  tag: number,
  members: { entries: Map<string, JsonValue>; depth: number },
): boolean {
  if (tag !== VALUES) return false;
  const entry: Entry = { key: "", value: null, depth: members.depth + 1 };
  readMessage(reader, entry, readEntryField);
  members.entries.set(entry.key, entry.value);
  return true;
}
