import { describe, expect, test } from "vitest";
import { exportOf, jsonBytes } from "./fixtures/export-of.ts";
import { logsOf, logsToProtobuf } from "./fixtures/logs-of.ts";
import { metricsOf, metricsToProtobuf } from "./fixtures/metrics-of.ts";
import { JSON_TYPE, PROTOBUF, setup } from "./fixtures/otlp-app.ts";
import { bytes, toProtobuf, varint } from "./fixtures/to-protobuf.ts";

const message = { eventName: "gen_ai.user.message", body: { content: "Hi" } };
const metrics = [
  { name: "good", sum: [{ asInt: "1" }] },
  { name: "bad", sum: [{}] },
];
const traces = exportOf([{}, { traceId: "ab" }]);
const logs = logsOf([message, { body: "text" }]);

/** Of each signal, an export of one good and one other item. */
const SIGNALS = [
  {
    signal: "traces",
    json: jsonBytes(traces),
    protobuf: toProtobuf(traces),
    empty: "resourceSpans",
    counter: "rejectedSpans",
    reason: "resourceSpans.0.scopeSpans.0.spans.1.traceId: expected 16 bytes, not all zero",
  },
  {
    signal: "logs",
    json: jsonBytes(logs),
    protobuf: logsToProtobuf(logs),
    empty: "resourceLogs",
    counter: "rejectedLogRecords",
    reason: "1 log records were not stored: of logs, only the GenAI events of spans are kept",
  },
  {
    signal: "metrics",
    json: jsonBytes(metricsOf(metrics)),
    protobuf: metricsToProtobuf(metrics),
    empty: "resourceMetrics",
    counter: "rejectedDataPoints",
    reason: "resourceMetrics.0.scopeMetrics.0.metrics.1.sum.dataPoints.0: has no value",
  },
] as const;

const everyPath = SIGNALS.flatMap((each) =>
  [`/v1/${each.signal}`, `/api/public/otel/v1/${each.signal}`].map((path) => ({ ...each, path })),
);

describe.each(everyPath)("$path", ({ path, signal, json, protobuf, empty, counter, reason }) => {
  test("takes JSON and tells in JSON what it left out", async () => {
    const { post, accepted } = setup();
    const response = await post(json, JSON_TYPE, {}, path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, JSON_TYPE]);
    expect(await response.json()).toEqual({ partialSuccess: { [counter]: "1", errorMessage: reason } });
    expect(accepted).toHaveLength(1);
  });

  test("takes protobuf and tells it in protobuf", async () => {
    const { post, accepted } = setup();
    const response = await post(protobuf, PROTOBUF, {}, path);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, PROTOBUF]);
    const told = Buffer.concat([varint(1, 1), bytes(2, reason)]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes(1, told));
    expect(accepted).toHaveLength(1);
  });

  test.each([
    ["{}", JSON_TYPE, "{}"],
    [`{"${empty}":[]}`, JSON_TYPE, "{}"],
    [`{"${empty}":null}`, JSON_TYPE, "{}"],
    ["", JSON_TYPE, "{}"],
    ["", PROTOBUF, ""],
  ])("is content with an empty export, %j as %s", async (body, type, answer) => {
    const { post, accepted } = setup();
    const response = await post(body, type, {}, path);
    expect([response.status, await response.text()]).toEqual([200, answer]);
    expect(accepted).toEqual([]);
  });

  test("refuses the other signals as a whole", async () => {
    for (const other of SIGNALS.filter((each) => each.signal !== signal)) {
      const response = await setup().post(other.json, JSON_TYPE, {}, path);
      expect([response.status, await response.json()]).toEqual([
        400,
        { code: 3, message: `Body holds ${other.empty}: this address takes ${signal} only` },
      ]);
    }
  });

  test.each(["4", "1", ""])("takes what SDKs of x-langfuse-ingestion-version %j write", async (version) => {
    const { post, accepted } = setup();
    const response = await post(json, JSON_TYPE, { "x-langfuse-ingestion-version": version }, path);
    expect([response.status, accepted.length]).toEqual([200, 1]);
  });

  test.each(["5", "x"])("refuses x-langfuse-ingestion-version %j", async (version) => {
    const { post, accepted } = setup();
    const response = await post(json, JSON_TYPE, { "x-langfuse-ingestion-version": version }, path);
    expect([response.status, await response.json()]).toMatchObject([400, { code: 3 }]);
    expect(accepted).toEqual([]);
  });
});

test.each([
  ["logs", "traces", "log records"],
  ["traces", "logs", "spans or metrics"],
  ["metrics", "logs", "spans or metrics"],
  ["logs", "metrics", "logs or spans"],
])("protobuf of %s at the address of %s is refused", async (sent, address, found) => {
  const body = SIGNALS.find(({ signal }) => signal === sent)?.protobuf ?? "";
  const response = await setup().post(body, PROTOBUF, {}, `/v1/${address}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toContain(`Body holds ${found}: this address takes ${address} only`);
});

test("protobuf of spans at the address of metrics is refused", async () => {
  const response = await setup().post(toProtobuf(exportOf([{ name: "" }])), PROTOBUF, {}, "/v1/metrics");
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("Body holds logs or spans: this address takes metrics only");
});

test("a request of metrics that is sent again has the same points", async () => {
  const { post, accepted } = setup();
  await post(metricsToProtobuf(metrics), PROTOBUF, {}, "/v1/metrics");
  await post(metricsToProtobuf(metrics), PROTOBUF, {}, "/v1/metrics");
  const [first, second] = accepted.map(({ events }) => events.metrics);
  expect(first).toHaveLength(1);
  expect(second).toEqual(first);
});

test("what is valid and not stored is counted apart from what is wrong", async () => {
  const { post, rejected } = setup();
  await post(jsonBytes(logsOf([{ body: "text" }, { ...message, spanId: "" }])), JSON_TYPE, {}, "/v1/logs");
  expect(rejected).toEqual([
    [1, "invalid"],
    [1, "unsupported"],
  ]);
});
