import { SpanKind, trace, context } from "@opentelemetry/api";
import { SeverityNumber, type LogRecord } from "@opentelemetry/api-logs";
import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import { OTLPLogExporter as JsonLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufLogExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from "@opentelemetry/sdk-logs";
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from "@opentelemetry/sdk-metrics";
import { SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { describe, expect, test } from "vitest";
import { basicAuth, type TestSystem } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

const resource = resourceFromAttributes({ "service.name": "shop", "deployment.environment.name": "Production" });

/** Both encodings, each at one of the two addresses, one of them compressed. */
const ENCODINGS = [
  {
    title: "JSON",
    Logs: JsonLogExporter,
    Metrics: JsonMetricExporter,
    base: "/v1",
    compression: CompressionAlgorithm.GZIP,
  },
  {
    title: "protobuf",
    Logs: ProtobufLogExporter,
    Metrics: ProtobufMetricExporter,
    base: "/api/public/otel/v1",
    compression: CompressionAlgorithm.NONE,
  },
] as const;

function optionsOf(system: TestSystem, path: string, compression = CompressionAlgorithm.NONE) {
  const headers = { Authorization: basicAuth(system.projectA) };
  return { url: `${system.baseUrl}${path}`, headers, compression };
}

/** Sends log records one export each. Fails if one could not be delivered. */
async function sendLogs(exporter: LogRecordExporter, records: readonly LogRecord[]): Promise<void> {
  const results: ExportResult[] = [];
  const reporting: LogRecordExporter = {
    export: (batch, done) => exporter.export(batch, (result) => (results.push(result), done(result))),
    forceFlush: async () => {},
    shutdown: () => exporter.shutdown(),
  };
  const provider = new LoggerProvider({
    resource,
    processors: [new SimpleLogRecordProcessor({ exporter: reporting })],
  });
  const logger = provider.getLogger("opentelemetry.instrumentation.openai_v2", "2.1");
  for (const record of records) logger.emit(record);
  await provider.forceFlush();
  await provider.shutdown();
  expect(results.map(({ code }) => code)).toEqual(records.map(() => ExportResultCode.SUCCESS));
}

async function sendSpan(
  system: TestSystem,
  attributes: Record<string, string | number>,
  ids: { traceId: string; spanId: string },
) {
  const provider = new NodeTracerProvider({
    resource,
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter(optionsOf(system, "/v1/traces")))],
  });
  const startTime = new Date("2026-03-01T10:00:00.000Z");
  const span = provider.getTracer("test").startSpan("chat gpt-4o", { kind: SpanKind.CLIENT, startTime, attributes });
  span.end(new Date("2026-03-01T10:00:02.000Z"));
  await provider.forceFlush();
  await provider.shutdown();
}

const newIds = () => {
  const hex = (length: number) => Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join("");
  return { traceId: `a${hex(31)}`, spanId: `b${hex(15)}` };
};

/** A record of the given span, as an instrumentation writes it while the span is the active one. */
function recordOf(ids: { traceId: string; spanId: string }, record: LogRecord): LogRecord {
  const active = trace.setSpanContext(context.active(), { ...ids, traceFlags: 1 });
  return { context: active, timestamp: new Date("2026-03-01T10:00:01.000Z"), ...record };
}

const messagesOf = (ids: { traceId: string; spanId: string }): LogRecord[] => [
  recordOf(ids, {
    eventName: "gen_ai.user.message",
    body: { content: "Hi 📦" },
    attributes: { "gen_ai.system": "openai" },
  }),
  recordOf(ids, {
    eventName: "gen_ai.choice",
    timestamp: new Date("2026-03-01T10:00:02.000Z"),
    body: { index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } },
  }),
];

/** Of the first observation. Each record is an export of its own, and these overtake each other. */
function countOfLogEvents(trace: Json): number {
  return Object.keys(trace.observations[0]?.metadata?.logEvents ?? {}).length;
}

describeEachSystem("OpenTelemetry's other signals", ({ system, soon }) => {
  const read = (path: string) => apiOf(system(), system().projectA).read(`/api/public/${path}`);

  describe.each(ENCODINGS)("as $title", ({ Logs, Metrics, base, compression }) => {
    const logs = () => new Logs(optionsOf(system(), `${base}/logs`, compression));

    test.each(["before", "after"])("messages that come %s their span are its input and output", async (when) => {
      const ids = newIds();
      const span = () => sendSpan(system(), { "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o" }, ids);
      if (when === "after") await span();
      await sendLogs(logs(), messagesOf(ids));
      if (when === "before") await span();
      const body = await soon(
        () => read(`traces/${ids.traceId}`),
        (found) => found.name === "chat gpt-4o" && countOfLogEvents(found) === 2,
      );
      expect(body.observations).toHaveLength(1);
      expect(body.observations[0]).toMatchObject({
        id: ids.spanId,
        type: "GENERATION",
        name: "chat gpt-4o",
        startTime: "2026-03-01T10:00:00.000Z",
        endTime: "2026-03-01T10:00:02.000Z",
        parentObservationId: null,
        input: [{ role: "user", content: "Hi 📦" }],
        output: { role: "assistant", content: "Hello" },
      });
    });

    test.each(["before", "after"])("details that come %s their span add to it and change nothing", async (when) => {
      const ids = newIds();
      const details = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "from the event",
        "gen_ai.output.messages": [{ role: "assistant", parts: [{ type: "text", content: "of the event" }] }],
        "gen_ai.input.messages": [{ role: "user", parts: [{ type: "text", content: "of the event" }] }],
      };
      const said = {
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"of the span"}]}]',
      };
      if (when === "after") await sendSpan(system(), said, ids);
      const eventName = "gen_ai.client.inference.operation.details";
      await sendLogs(logs(), [recordOf(ids, { eventName, attributes: details })]);
      if (when === "before") await sendSpan(system(), said, ids);
      const body = await soon(
        () => read(`traces/${ids.traceId}`),
        (found) => found.name === "chat gpt-4o" && found.observations?.[0]?.output,
      );
      expect(body.observations[0]).toMatchObject({
        model: "gpt-4o",
        input: [{ role: "user", content: "of the span" }],
        output: { role: "assistant", content: "of the event" },
      });
    });

    test("an evaluation is a score of its span", async () => {
      const ids = newIds();
      const attributes = {
        "gen_ai.evaluation.name": "Relevance",
        "gen_ai.evaluation.score.value": 0.75,
        "gen_ai.evaluation.score.label": "good",
        "gen_ai.evaluation.explanation": "To the point",
      };
      await sendLogs(logs(), [recordOf(ids, { eventName: "gen_ai.evaluation.result", attributes })]);
      const body = await soon(
        () => read(`v2/scores?traceId=${ids.traceId}`),
        (found) => found.data?.length > 0,
      );
      expect(body.data).toMatchObject([
        { name: "Relevance", value: 0.75, observationId: ids.spanId, comment: "To the point", source: "EVAL" },
      ]);
    });

    test("any other log record does not fail the exporter", async () => {
      await sendLogs(logs(), [{ severityNumber: SeverityNumber.INFO, body: "user logged in" }]);
    });

    test("measurements are points of time series", async () => {
      const name = `e2e_${newIds().spanId}`;
      const exporter: PushMetricExporter = new Metrics(optionsOf(system(), `${base}/metrics`, compression));
      const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
      const options = { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const;
      const views = [{ instrumentName: `${name}_exponential`, aggregation: options }];
      const provider = new MeterProvider({ resource, readers: [reader], views });
      const meter = provider.getMeter("test");
      meter.createCounter(`${name}_counter`).add(7, { model: "gpt-4o" });
      meter.createHistogram(`${name}_histogram`).record(2);
      meter.createHistogram(`${name}_exponential`).record(3);
      meter.createGauge(`${name}_gauge`).record(1.5);
      await provider.forceFlush();
      await provider.shutdown();

      const names = await soon(
        () => read("metrics/names"),
        (found) => JSON.stringify(found).includes(`${name}_gauge`),
      );
      for (const series of [
        "counter",
        "histogram_count",
        "histogram_sum",
        "histogram_max",
        "exponential_min",
        "gauge",
      ]) {
        expect(JSON.stringify(names)).toContain(`"${name}_${series}"`);
      }
    });
  });
});
