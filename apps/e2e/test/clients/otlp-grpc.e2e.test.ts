import { Metadata } from "@grpc/grpc-js";
import { SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { ExportResultCode, type ExportResult } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { freePort } from "@xtrace/testkit";
import { expect, test } from "vitest";
import { basicAuth, PROJECT_A } from "../../src/test-system.ts";
import { apiOf } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

const port = await freePort();

type Recording = { readonly tracer: Tracer; export(): Promise<readonly ExportResult[]> };

/** A tracer whose spans go over gRPC in one request. */
function record(options: { authorization: string; compression?: CompressionAlgorithm }): Recording {
  const metadata = new Metadata();
  metadata.set("authorization", options.authorization);
  const { compression = CompressionAlgorithm.NONE } = options;
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}`, metadata, compression });
  const results: ExportResult[] = [];
  const reporting: SpanExporter = {
    export: (spans, done) => exporter.export(spans, (result) => (results.push(result), done(result))),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(reporting)] });
  return {
    tracer: provider.getTracer("grpc"),
    async export() {
      await provider.forceFlush().catch(() => {});
      await provider.shutdown();
      return results;
    },
  };
}

describeEachSystem(
  "OpenTelemetry's exporter over gRPC",
  ({ system, soon }) => {
    test.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])("compressed with %s", async (compression) => {
      const recording = record({ authorization: basicAuth(PROJECT_A), compression });
      const span = recording.tracer.startSpan("over gRPC", { attributes: { "gen_ai.request.model": "gpt-4o" } });
      span.setStatus({ code: SpanStatusCode.ERROR, message: "upstream" });
      span.end();
      expect((await recording.export()).map(({ code }) => code)).toEqual([ExportResultCode.SUCCESS]);

      const { traceId, spanId } = span.spanContext();
      const body = await soon(() => apiOf(system(), PROJECT_A).read(`/api/public/traces/${traceId}`));
      expect(body).toMatchObject({ id: traceId, name: "over gRPC" });
      expect(body.observations).toMatchObject([
        { id: spanId, type: "GENERATION", model: "gpt-4o", level: "ERROR", statusMessage: "upstream" },
      ]);
    });

    test("with a wrong key it is told so", async () => {
      const recording = record({ authorization: "Bearer nobody" });
      recording.tracer.startSpan("refused").end();
      const [result] = await recording.export();
      expect(result?.code).toBe(ExportResultCode.FAILED);
      expect(String(result?.error)).toContain("UNAUTHENTICATED");
    });
  },
  { OTLP_GRPC_ADDR: `127.0.0.1:${port}` },
);
