import { LIMITS, type JsonValue, type MetricPoint } from "@xtrace/contract";
import { cutName } from "../../fields/cut-text.ts";
import { normalizeEnvironment } from "../../fields/environment.ts";
import { textAt } from "../conventions/read-attributes.ts";
import type { Intake } from "../intake.ts";
import type { OtlpResource } from "../otlp-span.ts";
import { MAX_QUANTILES, NO_RECORDED_VALUE, type OtlpPoint, type PointField } from "./otlp-point.ts";

type Sample = Omit<MetricPoint, "id">;

/** What a field of a histogram or summary is called behind the name of its metric. */
const SUFFIXES: ReadonlyArray<readonly [PointField, string]> = [
  ["value", ""],
  ["count", "_count"],
  ["sum", "_sum"],
  ["min", "_min"],
  ["max", "_max"],
];

/**
 * One data point as samples of time series, a field each: gauges and sums have the metric's name,
 * histograms and summaries are `<name>_count`, `_sum`, `_min` and `_max` as far as they are known.
 * A quantile of a summary has the metric's name and a label `quantile`, as Prometheus has it.
 * Buckets are not kept.
 *
 * Labels are the point's attributes and the resource's `service.name`.
 */
export function createPointMapper(problems: Pick<Intake<unknown>, "reject" | "warn">, nowUs: number) {
  const environments = new Map<OtlpResource, string>();

  function environmentOf(resource: OtlpResource): string {
    const known = environments.get(resource);
    if (known !== undefined) return known;
    const environment = environmentIn(resource);
    environments.set(resource, environment);
    return environment;
  }

  return function mapPoint(point: OtlpPoint): Sample[] {
    if ((point.flags & NO_RECORDED_VALUE) !== 0) return [];
    const problem = problemOf(point);
    const labels = labelsOf(point);
    if (problem !== undefined) {
      problems.reject(point.path, problem);
      return [];
    }
    if (labels.length > LIMITS.maxMetricLabels) {
      problems.reject(`${point.path}.attributes`, `more than ${LIMITS.maxMetricLabels} labels`);
      return [];
    }
    const { metric, timeUs, startUs } = point;
    const name = cutName(metric.name);
    const shared = { timestampUs: timeUs || startUs || nowUs, environment: environmentOf(metric.resource) };
    const samples = SUFFIXES.flatMap(([field, suffix]): Sample[] => {
      const value = point.fields[field];
      return value === undefined
        ? []
        : [{ name: `${name}${suffix}`, labels: Object.fromEntries(labels), value, ...shared }];
    });
    for (const { quantile, value } of point.quantiles) {
      samples.push({ name, labels: Object.fromEntries([...labels, ["quantile", String(quantile)]]), value, ...shared });
    }
    const finite = samples.filter((sample) => Number.isFinite(sample.value));
    if (finite.length === 0) problems.reject(point.path, "expected a finite number");
    else if (finite.length < samples.length) problems.warn(point.path, "a value is no finite number; it was left out");
    return finite;
  };
}

function problemOf({ metric, fields, droppedQuantiles }: OtlpPoint): string | undefined {
  if (metric.name === "") return "its metric has no name";
  if (Object.keys(fields).length === 0) return "has no value";
  return droppedQuantiles > 0 ? `more than ${MAX_QUANTILES} quantiles` : undefined;
}

/** The point's own attribute wins. Labels are compared as text, whatever they were sent as. */
function labelsOf({ metric, bag }: OtlpPoint): Array<[string, string]> {
  const service = textAt(metric.resource.attributes, "service.name");
  const labels = new Map<string, string>(service === undefined ? [] : [["service.name", cutName(service)]]);
  for (const [key, value] of bag.values) if (value !== null) labels.set(cutName(key), cutName(textOf(value)));
  return [...labels];
}

function textOf(value: JsonValue): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function environmentIn({ attributes }: OtlpResource): string {
  const keys = ["langfuse.environment", "deployment.environment.name", "deployment.environment"];
  const said = keys.map((key) => textAt(attributes, key)).find((text) => text !== undefined);
  return said === undefined ? "default" : normalizeEnvironment(said);
}
