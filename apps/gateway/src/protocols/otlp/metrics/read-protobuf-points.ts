import { AppError } from "@xtrace/runtime";
import type { Intake } from "../intake.ts";
import { usFromHalves } from "../nanos.ts";
import {
  BYTES,
  FIXED64,
  readDouble,
  readFixed64,
  readMessage,
  readString,
  readVarint,
  skipField,
  tagOf,
  VARINT,
  type Reader,
} from "../protobuf-reader.ts";
import { readAttribute } from "../protobuf-values.ts";
import { METRICS, otherSignalMessage, pathOf } from "../signal.ts";
import { walkProtobuf } from "../walk-protobuf.ts";
import {
  draftPoint,
  MAX_QUANTILES,
  type MetricKind,
  type OtlpMetric,
  type OtlpPoint,
  type PointField,
} from "./otlp-point.ts";

/*
 * Source: opentelemetry-proto 1.x, metrics/v1/metrics.proto
 */

const NAME = tagOf(1, BYTES);
const KINDS = new Map<number, MetricKind>([
  [tagOf(5, BYTES), "gauge"],
  [tagOf(7, BYTES), "sum"],
  [tagOf(9, BYTES), "histogram"],
  [tagOf(10, BYTES), "exponentialHistogram"],
  [tagOf(11, BYTES), "summary"],
]);
/** The first field of all kinds. */
const DATA_POINTS = tagOf(1, BYTES);

/** Field 1 of a log record and field 7 of a span, whose messages stand where a metric's would: their times. */
const OTHER_SIGNALS: readonly number[] = [tagOf(1, FIXED64), tagOf(7, FIXED64)];

/** ExportMetricsServiceRequest. Throws BAD_REQUEST or TOO_DEEP when the bytes are no such message. */
export function readProtobufPoints(bytes: Uint8Array, intake: Intake<OtlpPoint>): void {
  walkProtobuf(bytes, (reader, around, place) => {
    const path = pathOf(METRICS, place);
    readMessage(reader, { metric: { ...around, name: "" }, path, intake }, readMetricField);
  });
}

type MetricDraft = { readonly metric: OtlpMetric; readonly path: string; readonly intake: Intake<OtlpPoint> };

function readMetricField(reader: Reader, tag: number, draft: MetricDraft): boolean {
  if (tag === NAME) draft.metric.name = readString(reader);
  else if (OTHER_SIGNALS.includes(tag)) throw new AppError("BAD_REQUEST", otherSignalMessage("logs or spans", METRICS));
  else {
    const kind = KINDS.get(tag);
    if (!kind) return false;
    readMessage(reader, { ...draft, kind, children: 0 }, readDataField);
  }
  return true;
}

function readDataField(
  reader: Reader,
  tag: number,
  data: MetricDraft & { kind: MetricKind; children: number },
): boolean {
  if (tag !== DATA_POINTS) return false;
  const point = draftPoint(data.metric, data.kind, `${data.path}.${data.kind}.dataPoints.${data.children++}`);
  readMessage(reader, point, READERS[data.kind]);
  data.intake.add(point);
  return true;
}

type ReadField = (reader: Reader, point: OtlpPoint) => void;

/** The fields of a kind's points. `numbers` are doubles, `count` is a fixed64. */
function pointReader(fields: {
  readonly attributes: number;
  readonly flags: number;
  readonly numbers?: { readonly [F in PointField]?: number };
  readonly rest?: ReadonlyMap<number, ReadField>;
}) {
  const readers = new Map<number, ReadField>([
    [tagOf(fields.attributes, BYTES), (reader, { bag }) => readAttribute(reader, bag)],
    [tagOf(2, FIXED64), (reader, point) => void (point.startUs = readFixed64(reader, usFromHalves))],
    [tagOf(3, FIXED64), (reader, point) => void (point.timeUs = readFixed64(reader, usFromHalves))],
    [tagOf(fields.flags, VARINT), (reader, point) => void (point.flags = readVarint(reader))],
    ...(fields.rest ?? []),
  ]);
  for (const [name, number] of Object.entries(fields.numbers ?? {}) as Array<[PointField, number]>) {
    readers.set(tagOf(number, FIXED64), (reader, point) => void (point.fields[name] = readDouble(reader)));
  }
  return (reader: Reader, tag: number, point: OtlpPoint): boolean => {
    const read = readers.get(tag);
    read?.(reader, point);
    return read !== undefined;
  };
}

const COUNT: readonly [number, ReadField] = [
  tagOf(4, FIXED64),
  (reader, point) => void (point.fields.count = readFixed64(reader, unsigned)),
];

const NUMBER_POINT = pointReader({
  attributes: 7,
  flags: 8,
  numbers: { value: 4 },
  rest: new Map([[tagOf(6, FIXED64), (reader, point) => void (point.fields.value = readFixed64(reader, signed))]]),
});

const READERS = {
  gauge: NUMBER_POINT,
  sum: NUMBER_POINT,
  histogram: pointReader({ attributes: 9, flags: 10, numbers: { sum: 5, min: 11, max: 12 }, rest: new Map([COUNT]) }),
  exponentialHistogram: pointReader({
    attributes: 1,
    flags: 10,
    numbers: { sum: 5, min: 12, max: 13 },
    rest: new Map([COUNT]),
  }),
  summary: pointReader({
    attributes: 7,
    flags: 8,
    numbers: { sum: 5 },
    rest: new Map([COUNT, [tagOf(6, BYTES), readQuantile]]),
  }),
} satisfies Record<MetricKind, unknown>;

function readQuantile(reader: Reader, point: OtlpPoint): void {
  if (point.quantiles.length >= MAX_QUANTILES) {
    point.droppedQuantiles += 1;
    return skipField(reader, tagOf(6, BYTES));
  }
  const quantile = { quantile: 0, value: 0 };
  readMessage(reader, quantile, readQuantileField);
  point.quantiles.push(quantile);
}

function readQuantileField(reader: Reader, tag: number, quantile: { quantile: number; value: number }): boolean {
  if (tag === tagOf(1, FIXED64)) quantile.quantile = readDouble(reader);
  else if (tag === tagOf(2, FIXED64)) quantile.value = readDouble(reader);
  else return false;
  return true;
}

/** As near as a double comes. */
function unsigned(low: number, high: number): number {
  return high * 0x1_0000_0000 + low;
}

function signed(low: number, high: number): number {
  return unsigned(low, high | 0);
}
