import { context, SpanKind, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { describe, expect, test } from "vitest";
import { basicAuth, type TestSystem } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

const EXPORTERS = [
  { title: "JSON", Exporter: JsonExporter, compression: CompressionAlgorithm.NONE, path: "/v1/traces" },
  {
    title: "JSON, gzip",
    Exporter: JsonExporter,
    compression: CompressionAlgorithm.GZIP,
    path: "/api/public/otel/v1/traces",
  },
  {
    title: "protobuf",
    Exporter: ProtobufExporter,
    compression: CompressionAlgorithm.NONE,
    path: "/api/public/otel/v1/traces",
  },
  { title: "protobuf, gzip", Exporter: ProtobufExporter, compression: CompressionAlgorithm.GZIP, path: "/v1/traces" },
] as const;

type Recording = { readonly tracer: Tracer; export(): Promise<void> };

/** A tracer whose spans go to the exporter in one request. Fails if the exporter could not deliver. */
function record(exporter: SpanExporter): Recording {
  const failures: unknown[] = [];
  const reporting: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) failures.push(result.error);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
  const attributes = { "service.name": "shop", "service.version": "9", "deployment.environment.name": "Production" };
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(attributes),
    spanProcessors: [new BatchSpanProcessor(reporting)],
  });
  return {
    tracer: provider.getTracer("opentelemetry.instrumentation.openai_v2", "2.1"),
    export: async () => {
      await provider.forceFlush();
      await provider.shutdown();
      expect(failures).toEqual([]);
    },
  };
}

function exporterOf(system: TestSystem, { Exporter, compression, path }: (typeof EXPORTERS)[number]): SpanExporter {
  return new Exporter({
    url: `${system.baseUrl}${path}`,
    headers: { Authorization: basicAuth(system.projectA) },
    compression,
  });
}

function startChat(tracer: Tracer) {
  const root = tracer.startSpan("POST /chat", {
    kind: SpanKind.SERVER,
    startTime: [1_772_359_200, 123_456_789],
    attributes: {
      "http.request.method": "POST",
      ratio: 0.25,
      ok: true,
      list: ["a", "b"],
      "session.id": "otel-session",
      "user.id": "otel-user",
    },
  });
  const chat = tracer.startSpan(
    "chat gpt-4o-mini",
    {
      kind: SpanKind.CLIENT,
      startTime: [1_772_359_201, 0],
      links: [{ context: root.spanContext(), attributes: { why: "cause" } }],
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.usage.input_tokens": 50,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Hi 📦" }] }]),
        "gen_ai.output.messages": JSON.stringify([{ role: "assistant", parts: [{ type: "text", content: "Hello" }] }]),
      },
    },
    trace.setSpan(context.active(), root),
  );
  return { root, chat };
}

describeEachSystem("OpenTelemetry exporters", ({ system, soon }) => {
  const read = (path: string) => apiOf(system(), system().projectA).read(`/api/public/${path}`);

  describe.each(EXPORTERS)("$title to $path", (exporter) => {
    test("a trace of a foreign instrumentation comes back", async () => {
      const recording = record(exporterOf(system(), exporter));
      const { root, chat } = startChat(recording.tracer);
      chat.addEvent("retry", { attempt: 1 });
      chat.end([1_772_359_203, 500_000_000]);
      root.recordException(Object.assign(new TypeError("upstream is gone"), { stack: "TypeError: upstream is gone" }));
      root.setStatus({ code: SpanStatusCode.ERROR, message: "upstream" });
      root.end([1_772_359_204, 123_456_789]);
      await recording.export();

      const { traceId } = root.spanContext();
      const body = await soon(() => read(`traces/${traceId}`));
      expect(body).toMatchObject({
        id: traceId,
        name: "POST /chat",
        timestamp: "2026-03-01T10:00:00.123Z",
        userId: "otel-user",
        sessionId: "otel-session",
        environment: "production",
        version: "9",
        latency: 4,
        observationCount: 2,
        errorCount: 1,
      });
      const [first, second] = body.observations;
      expect(first).toMatchObject({
        id: root.spanContext().spanId,
        type: "SPAN",
        name: "POST /chat",
        level: "ERROR",
        parentObservationId: null,
      });
      expect(first.statusMessage).toContain("upstream");
      expect(JSON.stringify(first.metadata)).toContain('"service.name":"shop"');
      expect(second).toMatchObject({
        id: chat.spanContext().spanId,
        traceId,
        type: "GENERATION",
        parentObservationId: root.spanContext().spanId,
        startTime: "2026-03-01T10:00:01.000Z",
        endTime: "2026-03-01T10:00:03.500Z",
        latency: 2.5,
        promptTokens: 50,
        completionTokens: 20,
        totalTokens: 70,
      });
      expect(second.model).toMatch(/^gpt-4o-mini/);
      expect(JSON.stringify(second.input)).toContain("Hi 📦");
      expect(JSON.stringify(second.output)).toContain("Hello");
    });
  });

  test("spans of one trace may come from two exporters, children first", async () => {
    const [early, late] = EXPORTERS.slice(1, 3).map((exporter) => record(exporterOf(system(), exporter)));
    if (!early || !late) throw new Error("two exporters are needed");
    const root = late.tracer.startSpan("root", { attributes: { "langfuse.trace.name": "named by the root" } });
    const child = early.tracer.startSpan("child", {}, trace.setSpan(context.active(), root));
    child.end();
    await early.export();
    const { traceId } = root.spanContext();
    await soon(() => read(`traces/${traceId}`));
    root.end();
    await late.export();
    const body = await soon(
      () => read(`traces/${traceId}`),
      ({ observationCount }) => observationCount === 2,
    );
    expect(body.name).toBe("named by the root");
    expect(body.observations.find(({ name }: Json) => name === "child").parentObservationId).toBe(
      root.spanContext().spanId,
    );
  });

  test("five hundred spans of one batch, and the same batch again, are five hundred", async () => {
    const [, , exporter] = EXPORTERS;
    const sent: Parameters<SpanExporter["export"]>[0][] = [];
    const inner = exporterOf(system(), exporter);
    const again: SpanExporter = {
      export: (spans, done) => {
        sent.push(spans);
        inner.export(spans, (first) =>
          first.code === ExportResultCode.SUCCESS ? inner.export(spans, done) : done(first),
        );
      },
      shutdown: () => inner.shutdown(),
    };
    const recording = record(again);
    const root = recording.tracer.startSpan("root");
    for (let index = 0; index < 499; index++) {
      recording.tracer.startSpan(`span ${index}`, {}, trace.setSpan(context.active(), root)).end();
    }
    root.end();
    await recording.export();
    expect(sent.flat()).toHaveLength(500);
    const { traceId } = root.spanContext();
    await soon(
      () => read(`traces/${traceId}?fields=core`),
      ({ observationCount }) => observationCount === 500,
    );
    expect((await read(`observations?traceId=${traceId}&limit=1`)).meta.totalItems).toBe(500);
  });
});
