import { isJsonObject, type JsonObject, type JsonValue } from "@xtrace/contract";
import type { Intake } from "../intake.ts";
import { countOf, fillBag, isAbsent, listOf, objectsOf, textOf } from "../json-fields.ts";
import { usFromJson } from "../nanos.ts";
import { METRICS, pathOf } from "../signal.ts";
import { walkJson } from "../walk-json.ts";
import {
  draftPoint,
  MAX_QUANTILES,
  METRIC_KINDS,
  type MetricKind,
  type OtlpMetric,
  type OtlpPoint,
} from "./otlp-point.ts";

/** ExportMetricsServiceRequest in OTLP's JSON. Throws BAD_REQUEST when the body is no export of metrics at all. */
export function readJsonPoints(body: JsonValue, intake: Intake<OtlpPoint>): void {
  walkJson(METRICS, body, intake, (sent, around, place) => {
    const metric = { ...around, name: textOf(sent["name"]) };
    for (const kind of METRIC_KINDS) {
      const data = sent[kind];
      if (isAbsent(data)) continue;
      const path = `${pathOf(METRICS, place)}.${kind}`;
      const points = isJsonObject(data) ? listOf(data["dataPoints"]) : undefined;
      if (points) readPoints(points, { metric, kind, path }, intake);
      else intake.reject(`${path}.dataPoints`, "expected a list");
    }
  });
}

type Owner = { readonly metric: OtlpMetric; readonly kind: MetricKind; readonly path: string };

function readPoints(points: readonly JsonValue[], { metric, kind, path }: Owner, intake: Intake<OtlpPoint>): void {
  for (const [index, sent] of points.entries()) {
    const pointPath = `${path}.dataPoints.${index}`;
    if (!isJsonObject(sent)) intake.reject(pointPath, "expected an object");
    else if (!listOf(sent["attributes"])) intake.reject(`${pointPath}.attributes`, "expected a list");
    else intake.add(readPoint(sent, draftPoint(metric, kind, pointPath)));
  }
}

function readPoint(sent: JsonObject, point: OtlpPoint): OtlpPoint {
  fillBag(point.bag, sent["attributes"]);
  point.timeUs = usFromJson(sent["timeUnixNano"]);
  point.startUs = usFromJson(sent["startTimeUnixNano"]);
  point.flags = countOf(sent["flags"]);
  const value = isAbsent(sent["asDouble"]) ? sent["asInt"] : sent["asDouble"];
  const { count, sum, min, max } = sent;
  for (const [field, of] of Object.entries({ value, count, sum, min, max })) {
    if (!isAbsent(of)) point.fields[field as keyof OtlpPoint["fields"]] = numberOf(of);
  }
  for (const { quantile, value: at } of objectsOf(sent["quantileValues"])) {
    if (point.quantiles.length < MAX_QUANTILES)
      point.quantiles.push({ quantile: numberOf(quantile ?? 0), value: numberOf(at ?? 0) });
    else point.droppedQuantiles += 1;
  }
  return point;
}

/** NaN for what is no number, which is refused like the NaN that is sent as one. */
function numberOf(value: JsonValue): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
}
