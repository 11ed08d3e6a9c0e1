import { setMetadata, setSession, setTags, setUser } from "@arizeai/openinference-core";
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import { context } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import { FAKE_ANSWER, FAKE_MODEL, FAKE_TOOL_CALL, startFakeOpenAi, type FakeOpenAi } from "../support/fake-openai.ts";
import { expectFiftyReadable, FIFTY_TIMEOUT_MS } from "../support/fifty-writes.ts";

const MESSAGES = [
  { role: "system" as const, content: "You are brief." },
  { role: "user" as const, content: "Wo ist es? 📦" },
];

describeStandalone("OpenInference", ({ system, soon }) => {
  let models: FakeOpenAi;
  let openai: OpenAI;
  let provider: NodeTracerProvider;

  beforeAll(async () => {
    models = await startFakeOpenAi();
    const { baseUrl, projectA } = system();
    const exporter = new OTLPTraceExporter({
      url: `${baseUrl}/api/public/otel/v1/traces`,
      headers: { Authorization: basicAuth(projectA) },
    });
    provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    provider.register();
    new OpenAIInstrumentation({ tracerProvider: provider }).manuallyInstrument(OpenAI);
    openai = new OpenAI({ apiKey: "none", baseURL: models.baseUrl, maxRetries: 0 });
  });
  afterAll(async () => {
    await Promise.all([provider.shutdown(), models.close()]);
    context.disable();
  });

  const readTrace = (id: string): Promise<Json> => apiOf(system(), system().projectA).read(`/api/public/traces/${id}`);

  /** Runs it below a span of the application, and sends all of its spans. */
  async function traced(name: string, run: () => Promise<unknown>): Promise<string> {
    const traceId = await provider.getTracer("app").startActiveSpan(name, async (span) => {
      await run();
      span.end();
      return span.spanContext().traceId;
    });
    await provider.forceFlush();
    return traceId;
  }

  test("a chat with user, session, tags and metadata", async () => {
    let told = setSession(context.active(), { sessionId: "arize-session" });
    told = setUser(told, { userId: "user-5" });
    told = setTags(told, ["b", "a"]);
    told = setMetadata(told, { tenant: "acme" });
    const traceId = await context.with(told, () =>
      traced("handle", () =>
        openai.chat.completions.create({ model: "gpt-4o", messages: MESSAGES, temperature: 0.2, top_p: 0.9 }),
      ),
    );
    const trace = await soon(() => readTrace(traceId));
    expect(trace).toMatchObject({
      name: "handle",
      userId: "user-5",
      sessionId: "arize-session",
      tags: ["a", "b"],
      metadata: { tenant: "acme" },
      totalTokens: 150,
    });
    const named = byName<Json>(trace.observations);
    const chat = named("OpenAI Chat Completions");
    expect(named("handle")).toMatchObject({ type: "SPAN", parentObservationId: null });
    expect(chat).toMatchObject({
      type: "GENERATION",
      parentObservationId: named("handle").id,
      model: FAKE_MODEL,
      modelParameters: { temperature: 0.2, top_p: 0.9 },
      input: MESSAGES,
      output: { role: "assistant", content: FAKE_ANSWER },
      promptTokens: 120,
      completionTokens: 30,
      totalTokens: 150,
      metadata: { scope: { name: "@arizeai/openinference-instrumentation-openai" } },
    });
    // Its counts are inclusive; what came from the cache is a bucket of its own.
    expect(chat.usageDetails).toMatchObject({ input: 20, input_cached_tokens: 100, total: 150 });
  });

  test("a stream, a tool call and an embedding", async () => {
    const ask = { model: "gpt-4o", messages: MESSAGES };
    const traceId = await traced("three calls", async () => {
      const stream = await openai.chat.completions.create({
        ...ask,
        stream: true,
        stream_options: { include_usage: true },
      });
      for await (const chunk of stream) expect(chunk.id).toBeTruthy();
      const parameters = { type: "object", properties: { orderId: { type: "number" } } };
      const tools = [{ type: "function" as const, function: { name: "lookup_order", parameters } }];
      await openai.chat.completions.create({ ...ask, tools });
      await openai.embeddings.create({ model: "text-embedding-3-small", input: "Where?" });
    });
    const trace = await soon(
      () => readTrace(traceId),
      ({ observationCount }) => observationCount === 4,
    );
    expect(trace.observations.map(({ type }: Json) => type).toSorted()).toEqual([
      "EMBEDDING",
      "GENERATION",
      "GENERATION",
      "SPAN",
    ]);
    const generations = trace.observations.filter(({ type }: Json) => type === "GENERATION");
    const streamed = generations.find(({ modelParameters }: Json) => modelParameters?.stream === true);
    const withTools = generations.find((generation: Json) => generation !== streamed);
    expect(streamed).toMatchObject({ model: "gpt-4o", input: MESSAGES });
    expect(streamed.output).toEqual({ role: "assistant", content: FAKE_ANSWER });
    expect(withTools.input).toMatchObject({ messages: MESSAGES, tools: [{ function: { name: "lookup_order" } }] });
    expect(withTools.output).toMatchObject({ role: "assistant", tool_calls: [FAKE_TOOL_CALL] });
    expect(trace.observations.find(({ type }: Json) => type === "EMBEDDING")).toMatchObject({
      model: "text-embedding-3-small",
      input: "Where?",
    });
  });

  test(
    "fifty writes are readable at once",
    async () => {
      const ask = () => openai.chat.completions.create({ model: "gpt-4o", messages: MESSAGES });
      await expectFiftyReadable("OpenInference", () => traced("one of fifty", ask), readTrace);
    },
    FIFTY_TIMEOUT_MS,
  );
});
