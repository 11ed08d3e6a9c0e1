import { emptyBag, type AttributeBag } from "../attribute-bag.ts";
import type { Around } from "../otlp-span.ts";

/** Their names in OTLP's JSON. */
export const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** `name` may become known after the points: protobuf has fields in any order. */
export type OtlpMetric = Around & { name: string };

/**
 * A data point of any kind as either encoding is decoded to it. `timeUs` is Unix epoch microseconds, 0 when it is not known.
 *
 * Source: opentelemetry-proto, metrics/v1/metrics.proto
 */
export type OtlpPoint = {
  readonly metric: OtlpMetric;
  /** For rejections. */
  readonly path: string;
  readonly bag: AttributeBag;
  timeUs: number;
  startUs: number;
  flags: number;
  /** What is known of the point; `value` is that of gauges and sums. A field that is not set is not known. */
  readonly fields: { [F in PointField]?: number };
  readonly quantiles: Array<{ quantile: number; value: number }>;
  /** Quantiles beyond the limit, which were not read. */
  droppedQuantiles: number;
};

export type PointField = "value" | "count" | "sum" | "min" | "max";

export const MAX_QUANTILES = 100;

/** Set when the series had nothing to say at this time, which is no value. Source: DataPointFlags */
export const NO_RECORDED_VALUE = 1;

export function draftPoint(metric: OtlpMetric, kind: MetricKind, path: string): OtlpPoint {
  return {
    metric,
    path,
    bag: emptyBag(),
    timeUs: 0,
    startUs: 0,
    flags: 0,
    fields: defaultsOf(kind),
    quantiles: [],
    droppedQuantiles: 0,
  };
}

/** Fields that have no presence in protobuf: one that is missing is zero. */
function defaultsOf(kind: MetricKind): OtlpPoint["fields"] {
  if (kind === "gauge" || kind === "sum") return {};
  return kind === "summary" ? { count: 0, sum: 0 } : { count: 0 };
}
