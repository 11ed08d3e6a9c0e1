import type { JsonValue } from "@xtrace/contract";
import { AppError } from "@xtrace/runtime";
import { emptyBag, type AttributeBag } from "../attribute-bag.ts";
import { SPAN_ID_BYTES, TRACE_ID_BYTES } from "../ids.ts";
import { usFromHalves } from "../nanos.ts";
import {
  BYTES,
  FIXED64,
  readFixed64,
  readId,
  readMessage,
  readString,
  tagOf,
  type Reader,
} from "../protobuf-reader.ts";
import { readAnyValue, readAttribute } from "../protobuf-values.ts";
import { LOGS, otherSignalMessage } from "../signal.ts";
import { walkProtobuf } from "../walk-protobuf.ts";
import type { LogIntake } from "./log-intake.ts";
import { eventNameOf } from "./otlp-log-record.ts";

/** Source: opentelemetry-proto 1.x, logs/v1/logs.proto */
const RECORD = {
  time: tagOf(1, FIXED64),
  body: tagOf(5, BYTES),
  attributes: tagOf(6, BYTES),
  traceId: tagOf(9, BYTES),
  spanId: tagOf(10, BYTES),
  observedTime: tagOf(11, FIXED64),
  eventName: tagOf(12, BYTES),
};

/** Field 1 of a span and of a metric, whose messages stand where a record's would: an id, a name. */
const OTHER_SIGNAL = tagOf(1, BYTES);

/** ExportLogsServiceRequest. Throws BAD_REQUEST or TOO_DEEP when the bytes are no such message. */
export function readProtobufRecords(bytes: Uint8Array, intake: LogIntake): void {
  walkProtobuf(bytes, (reader, { resource, scope }, place) => {
    const draft: Draft = {
      traceId: "",
      spanId: "",
      eventName: "",
      timeUs: 0,
      observedUs: 0,
      body: null,
      bag: emptyBag(),
    };
    readMessage(reader, draft, readRecordField);
    const { traceId, spanId, body, bag } = draft;
    const eventName = eventNameOf(draft.eventName, bag.values);
    const timeUs = draft.timeUs || draft.observedUs;
    intake.add({ resource, scope, traceId, spanId, eventName, timeUs, attributes: bag.values, body }, place);
  });
}

type Draft = {
  traceId: string;
  spanId: string;
  eventName: string;
  timeUs: number;
  observedUs: number;
  body: JsonValue;
  readonly bag: AttributeBag;
};

function readRecordField(reader: Reader, tag: number, draft: Draft): boolean {
  switch (tag) {
    case RECORD.attributes:
      readAttribute(reader, draft.bag);
      return true;
    case RECORD.body:
      draft.body = readAnyValue(reader, 1, draft.body);
      return true;
    case RECORD.traceId:
      draft.traceId = readId(reader, TRACE_ID_BYTES);
      return true;
    case RECORD.spanId:
      draft.spanId = readId(reader, SPAN_ID_BYTES);
      return true;
    case RECORD.eventName:
      draft.eventName = readString(reader);
      return true;
    case RECORD.time:
      draft.timeUs = readFixed64(reader, usFromHalves);
      return true;
    case RECORD.observedTime:
      draft.observedUs = readFixed64(reader, usFromHalves);
      return true;
    case OTHER_SIGNAL:
      throw new AppError("BAD_REQUEST", otherSignalMessage("spans or metrics", LOGS));
    default:
      return false;
  }
}
