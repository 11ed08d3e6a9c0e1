import { LIMITS } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import { emptyBag, type AttributeBag } from "./attribute-bag.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "./ids.ts";
import { usFromHalves } from "./nanos.ts";
import type { OtlpEvent, OtlpLink } from "./otlp-span.ts";
import {
  BYTES,
  FIXED64,
  readBytes,
  readFixed64,
  readId,
  readMessage,
  readString,
  readVarint,
  tagOf,
  VARINT,
  type Reader,
} from "./protobuf-reader.ts";
import { readAttribute } from "./protobuf-values.ts";
import { otherSignalMessage, TRACES } from "./signal.ts";
import { draftSpan, finishSpan, type Draft, type SpanDraft } from "./span-draft.ts";
import type { SpanIntake } from "./span-intake.ts";
import { walkProtobuf } from "./walk-protobuf.ts";

/*
 * ExportTraceServiceRequest, message by message. Fields that are not listed here are skipped, as
 * are those of another wire type, which is what protobuf readers do with them.
 *
 * Source: opentelemetry-proto 1.x, trace/v1/trace.proto
 */

const SPAN = {
  traceId: tagOf(1, BYTES),
  spanId: tagOf(2, BYTES),
  traceState: tagOf(3, BYTES),
  parentSpanId: tagOf(4, BYTES),
  name: tagOf(5, BYTES),
  kind: tagOf(6, VARINT),
  start: tagOf(7, FIXED64),
  end: tagOf(8, FIXED64),
  attributes: tagOf(9, BYTES),
  droppedAttributes: tagOf(10, VARINT),
  events: tagOf(11, BYTES),
  droppedEvents: tagOf(12, VARINT),
  links: tagOf(13, BYTES),
  droppedLinks: tagOf(14, VARINT),
  status: tagOf(15, BYTES),
};
const EVENT = { time: tagOf(1, FIXED64), name: tagOf(2, BYTES), attributes: tagOf(3, BYTES) };
const LINK = { traceId: tagOf(1, BYTES), spanId: tagOf(2, BYTES), attributes: tagOf(4, BYTES) };
const STATUS = { message: tagOf(2, BYTES), code: tagOf(3, VARINT) };

/** Field 1 of a LogRecord, whose message stands where a span's would: its time. */
const LOG_RECORD = { time: tagOf(1, FIXED64) };

/** Throws BAD_REQUEST or TOO_DEEP when the bytes are no such message. */
export function decodeProtobuf(bytes: Uint8Array, intake: SpanIntake): void {
  walkProtobuf(bytes, (reader, { resource, scope }, place) => {
    const draft = draftSpan(resource, scope);
    readMessage(reader, draft, readSpanField);
    intake.add(finishSpan(draft), place);
  });
}

function readSpanField(reader: Reader, tag: number, draft: SpanDraft): boolean {
  const { span } = draft;
  switch (tag) {
    case SPAN.attributes:
      readAttribute(reader, draft.bag);
      return true;
    case SPAN.traceId:
      span.traceId = readId(reader, TRACE_ID_BYTES);
      return true;
    case SPAN.spanId:
      span.spanId = readId(reader, SPAN_ID_BYTES);
      return true;
    case SPAN.parentSpanId:
      span.parentSpanId = readId(reader, SPAN_ID_BYTES);
      return true;
    case SPAN.name:
      span.name = readString(reader);
      return true;
    case SPAN.traceState:
      span.traceState = readString(reader);
      return true;
    case SPAN.kind:
      span.kind = readVarint(reader);
      return true;
    case SPAN.start:
      span.startUs = readFixed64(reader, usFromHalves);
      return true;
    case SPAN.end:
      span.endUs = readFixed64(reader, usFromHalves);
      return true;
    case SPAN.events:
      readEvent(reader, draft);
      return true;
    case SPAN.links:
      readLink(reader, draft);
      return true;
    case SPAN.status:
      readMessage(reader, draft.status, readStatusField);
      return true;
    case SPAN.droppedAttributes:
      span.droppedAttributes += readVarint(reader);
      return true;
    case SPAN.droppedEvents:
      span.droppedEvents += readVarint(reader);
      return true;
    case SPAN.droppedLinks:
      span.droppedLinks += readVarint(reader);
      return true;
    case LOG_RECORD.time:
      throw new AppError("BAD_REQUEST", otherSignalMessage("log records", TRACES));
    default:
      return false;
  }
}

type EventDraft = { readonly event: Draft<OtlpEvent>; readonly bag: AttributeBag };

function readEvent(reader: Reader, draft: SpanDraft): void {
  if (draft.events.length >= LIMITS.maxAttributesPerSpan) {
    draft.span.droppedEvents += 1;
    return void readBytes(reader);
  }
  const bag = emptyBag();
  const event = { name: "", timeUs: 0, attributes: bag.values };
  readMessage(reader, { event, bag }, readEventField);
  draft.events.push(event);
}

function readEventField(reader: Reader, tag: number, { event, bag }: EventDraft): boolean {
  if (tag === EVENT.attributes) readAttribute(reader, bag);
  else if (tag === EVENT.name) event.name = readString(reader);
  else if (tag === EVENT.time) event.timeUs = readFixed64(reader, usFromHalves);
  else return false;
  return true;
}

type LinkDraft = { readonly link: Draft<OtlpLink>; readonly bag: AttributeBag };

function readLink(reader: Reader, draft: SpanDraft): void {
  if (draft.links.length >= LIMITS.maxAttributesPerSpan) {
    draft.span.droppedLinks += 1;
    return void readBytes(reader);
  }
  const bag = emptyBag();
  const link = { traceId: "", spanId: "", attributes: bag.values };
  readMessage(reader, { link, bag }, readLinkField);
  draft.links.push(link);
}

function readLinkField(reader: Reader, tag: number, { link, bag }: LinkDraft): boolean {
  if (tag === LINK.attributes) readAttribute(reader, bag);
  else if (tag === LINK.traceId) link.traceId = readId(reader, TRACE_ID_BYTES);
  else if (tag === LINK.spanId) link.spanId = readId(reader, SPAN_ID_BYTES);
  else return false;
  return true;
}

function readStatusField(reader: Reader, tag: number, status: SpanDraft["status"]): boolean {
  if (tag === STATUS.message) status.message = readString(reader);
  else if (tag === STATUS.code) status.code = readVarint(reader);
  else return false;
  return true;
}
