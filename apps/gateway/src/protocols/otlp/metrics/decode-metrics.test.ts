import { LIMITS } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { NOW_US } from "../fixtures/decode-fixture.ts";
import { jsonBytes, START_US, type Values } from "../fixtures/export-of.ts";
import { metricsOf, metricsToProtobuf, type MetricGiven } from "../fixtures/metrics-of.ts";
import { bytes } from "../fixtures/to-protobuf.ts";
import { MAX_ITEMS_PER_REQUEST } from "../intake.ts";
import { decodeMetrics } from "./decode-metrics.ts";

const around = { nowUs: NOW_US, idAt: (position: number) => `id-${position}` };

/** In both encodings, which must come to the same. */
function decode(metrics: readonly MetricGiven[], resource?: Values) {
  const fromJson = decodeMetrics(jsonBytes(metricsOf(metrics, resource)), "json", around);
  expect(decodeMetrics(metricsToProtobuf(metrics, resource), "protobuf", around)).toEqual(fromJson);
  return fromJson;
}

/** What the series are called and hold. */
function valuesOf(metrics: readonly MetricGiven[]) {
  return decode(metrics).events.metrics.map(({ name, value }) => [name, value]);
}

test("gauges and sums are points of that name, with the attributes and the service as labels", () => {
  const attributes = { model: "gpt-4o", attempt: 2, cached: true, path: ["a", 1], none: null };
  const resource = { "service.name": "shop", "host.name": "h", "deployment.environment.name": "Production" };
  const { events, rejected } = decode(
    [
      { name: "queue.length", gauge: [{ asInt: "-7", attributes }] },
      { name: "tokens", sum: [{ asDouble: 1.5, timeUs: START_US + 1 }] },
    ],
    resource,
  );
  expect(rejected).toBe(0);
  expect(events.metrics).toEqual([
    {
      id: "id-0",
      name: "queue.length",
      value: -7,
      labels: { "service.name": "shop", model: "gpt-4o", attempt: "2", cached: "true", path: '["a",1]' },
      timestampUs: START_US,
      environment: "production",
    },
    {
      id: "id-1",
      name: "tokens",
      value: 1.5,
      labels: { "service.name": "shop" },
      timestampUs: START_US + 1,
      environment: "production",
    },
  ]);
});

test.each(["histogram", "exponentialHistogram"] as const)("a %s is a series for each of its sums", (kind) => {
  expect(valuesOf([{ name: "duration", [kind]: [{ count: "4", sum: 10, min: 1, max: 6.5 }] }])).toEqual([
    ["duration_count", 4],
    ["duration_sum", 10],
    ["duration_min", 1],
    ["duration_max", 6.5],
  ]);
  // Sum and extremes may be unknown; a count that is not sent is zero.
  expect(valuesOf([{ name: "duration", [kind]: [{}] }])).toEqual([["duration_count", 0]]);
});

test("a summary has its quantiles besides, told apart by a label", () => {
  const summary = [
    {
      count: "4",
      sum: 10,
      quantileValues: [
        { quantile: 0.5, value: 2 },
        { quantile: 1, value: 6 },
      ],
    },
  ];
  const { events } = decode([{ name: "latency", summary }]);
  expect(events.metrics.map(({ name, labels, value }) => [name, labels, value])).toEqual([
    ["latency_count", {}, 4],
    ["latency_sum", {}, 10],
    ["latency", { quantile: "0.5" }, 2],
    ["latency", { quantile: "1" }, 6],
  ]);
});

test("a point's own service.name stays, and no environment is the default one", () => {
  const [point] = decode([{ name: "m", gauge: [{ asInt: "1", attributes: { "service.name": "own" } }] }], {
    "service.name": "shop",
  }).events.metrics;
  expect(point).toMatchObject({ labels: { "service.name": "own" }, environment: "default" });
});

test("a point without a time takes that of its start, or else now", () => {
  const at = (given: { timeUs: number; startUs?: number }) =>
    decode([{ name: "m", gauge: [{ asInt: "1", ...given }] }]).events.metrics[0]?.timestampUs;
  expect(at({ timeUs: 0, startUs: START_US })).toBe(START_US);
  expect(at({ timeUs: 0 })).toBe(NOW_US);
});

test("a point that says it holds nothing is nothing", () => {
  expect(decode([{ name: "m", gauge: [{ flags: 1 }] }])).toMatchObject({ rejected: 0, events: { metrics: [] } });
});

test("integers beyond a double's are as near as a double comes", () => {
  expect(valuesOf([{ name: "m", sum: [{ asInt: "9007199254740993" }] }])).toEqual([["m", 9_007_199_254_740_992]]);
});

describe("a bad point is left out alone", () => {
  const good = { name: "good", gauge: [{ asInt: "1" }] };
  const many = Object.fromEntries(Array.from({ length: LIMITS.maxMetricLabels + 1 }, (_, index) => [`k${index}`, "v"]));
  const quantiles = Array.from({ length: 101 }, (_, index) => ({ quantile: index / 100, value: 1 }));

  test.each<[string, MetricGiven, string]>([
    ["no value", { name: "m", gauge: [{}] }, "gauge.dataPoints.0: has no value"],
    ["no name", { name: "", sum: [{ asInt: "1" }] }, "sum.dataPoints.0: its metric has no name"],
    ["NaN", { name: "m", gauge: [{ asDouble: "NaN" }] }, "gauge.dataPoints.0: expected a finite number"],
    ["infinity", { name: "m", gauge: [{ asDouble: "-Infinity" }] }, "gauge.dataPoints.0: expected a finite number"],
    [
      "labels",
      { name: "m", gauge: [{ asInt: "1", attributes: many }] },
      "gauge.dataPoints.0.attributes: more than 64 labels",
    ],
    [
      "quantiles",
      { name: "m", summary: [{ quantileValues: quantiles }] },
      "summary.dataPoints.0: more than 100 quantiles",
    ],
  ])("%s", (_, metric, problem) => {
    const { events, rejected, reason } = decode([metric, good]);
    expect(events.metrics.map(({ name }) => name)).toEqual(["good"]);
    expect({ rejected, reason }).toEqual({
      rejected: 1,
      reason: `resourceMetrics.0.scopeMetrics.0.metrics.0.${problem}`,
    });
  });

  test("of one that is bad in part, the rest stays", () => {
    const histogram = [{ count: "1", sum: "Infinity" as const }];
    const { events, rejected, reason } = decode([{ name: "m", histogram }]);
    expect(events.metrics.map(({ name }) => name)).toEqual(["m_count"]);
    expect({ rejected, reason }).toMatchObject({ rejected: 0, reason: expect.stringContaining("it was left out") });
  });
});

test.each([
  [{ resourceMetrics: 1 }, "resourceMetrics must be a list"],
  [{ resourceSpans: [] }, "Body holds resourceSpans: this address takes metrics only"],
])("%j is no export of metrics", (body, message) => {
  expect(() => decodeMetrics(jsonBytes(body), "json", around)).toThrow(
    expect.objectContaining({ code: "BAD_REQUEST", message }),
  );
});

test("wrong shapes in JSON cost the points in them", () => {
  const metrics = [{ name: "m", gauge: 1 }, { name: "m", sum: { dataPoints: [1, { attributes: {} }] } }, 7];
  const body = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
  const { rejected, reason } = decodeMetrics(jsonBytes(body), "json", around);
  expect({ rejected, reason }).toEqual({
    rejected: 4,
    reason: "resourceMetrics.0.scopeMetrics.0.metrics.0.gauge.dataPoints: expected a list",
  });
});

test("more points than one request may hold are refused before they fill the memory", () => {
  const points = Buffer.alloc(2 * (MAX_ITEMS_PER_REQUEST + 1), Buffer.from([10, 0]));
  const body = bytes(1, bytes(2, bytes(2, bytes(5, points))));
  expect(() => decodeMetrics(body, "protobuf", around)).toThrow(expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }));
});
