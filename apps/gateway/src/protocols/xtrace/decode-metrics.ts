import { noEvents, type JsonValue, type MetricPoint } from "@xtrace/contract";
import { parse } from "@xtrace/runtime";
import { cutName } from "../fields/cut-text.ts";
import { noRejections, reject } from "../fields/rejections.ts";
import type { Decoded } from "./decode-batch.ts";
import { fieldReader } from "./read-fields.ts";
import { MetricFields, MetricsBody } from "./wire.ts";

/**
 * Points of time series, each for itself: a bad one is named and the others are kept.
 *
 * `idAt` gives a point its id by its place in the request, so that a re-sent request adds nothing
 * while equal points of one request all count. Throws BAD_REQUEST when there is no list of points.
 */
export function decodeMetrics(body: JsonValue, idAt: (position: number) => string): Decoded {
  const points = parse(MetricsBody, body).metrics ?? [];
  const events = noEvents();
  const rejections = noRejections();
  for (const [index, point] of points.entries()) {
    const parsed = readPoint(point);
    if (parsed.success) events.metrics.push(toMetricPoint(parsed.data, idAt(index)));
    else reject(rejections, `metrics.${index}`, parsed.error);
  }
  return { events, rejections };
}

const readPoint = fieldReader(MetricFields);

function toMetricPoint(fields: MetricFields, id: string): MetricPoint {
  return {
    id,
    name: cutName(fields.name),
    labels: fields.labels ?? {},
    value: fields.value,
    timestampUs: fields.timestamp,
    environment: cutName(fields.environment || "default"),
  };
}
