import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { eventually, testRedisUrl } from "@xtrace/testkit";
import { Langfuse } from "langfuse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startRedisSystem } from "../../src/redis-system.ts";
import { basicAuth, PROJECT_A, PROJECT_B, type TestSystem } from "../../src/test-system.ts";
import { apiOf } from "../support/api.ts";

const BOOT_TIMEOUT_MS = 120_000;
const TIMEOUT_MS = 90_000;

/** Real clients, as their users have them, against a budget that is too small for them. */
describe.skipIf(testRedisUrl() === undefined)("clients that are told to wait", () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await startRedisSystem({ INGEST_RATE_REQUESTS: "1", INGEST_RATE_BURST_SECONDS: "1" });
  }, BOOT_TIMEOUT_MS);
  afterAll(() => system?.stop());

  async function refusals(): Promise<number> {
    const text = await (await fetch(`${system.ingestUrl}/metrics`)).text();
    return Number(/xtrace_rate_limited_total\{[^}]*scope="ingest"[^}]*\} (\d+)/.exec(text)?.[1] ?? 0);
  }

  test("langfuse 3 delivers everything in the end", { timeout: TIMEOUT_MS }, async () => {
    const { publicKey, secretKey } = PROJECT_A;
    const client = new Langfuse({ publicKey, secretKey, baseUrl: system.baseUrl, flushAt: 1 });
    const failures: unknown[] = [];
    client.on("error", (error) => failures.push(error));
    const before = await refusals();
    const ids = Array.from({ length: 4 }, (_, index) => client.trace({ name: `patient-${index}` }).id);
    await client.shutdownAsync();
    expect(await refusals()).toBeGreaterThan(before);
    await eventually(async () => {
      for (const id of ids) await apiOf(system, PROJECT_A).read(`/api/public/traces/${id}`);
    });
    expect(failures).toEqual([]);
  });

  test("OpenTelemetry's exporter delivers everything in the end", { timeout: TIMEOUT_MS }, async () => {
    const exporter = new OTLPTraceExporter({
      url: `${system.baseUrl}/v1/traces`,
      headers: { Authorization: basicAuth(PROJECT_B) },
    });
    // Three exports at once, into a budget of one.
    const processor = new BatchSpanProcessor(exporter, { maxExportBatchSize: 1, scheduledDelayMillis: 50 });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    const before = await refusals();
    const ids = Array.from({ length: 3 }, (_, index) => {
      const span = provider.getTracer("patient").startSpan(`patient-${index}`);
      span.end();
      return span.spanContext().traceId;
    });
    await provider.forceFlush();
    await provider.shutdown();
    expect(await refusals()).toBeGreaterThan(before);
    await eventually(async () => {
      for (const id of ids) await apiOf(system, PROJECT_B).read(`/api/public/traces/${id}`);
    });
  });
});
