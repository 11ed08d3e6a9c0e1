import { setTimeout as sleep } from "node:timers/promises";
import { OpenTelemetry } from "@ai-sdk/otel";
import { context, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import * as ai6 from "ai-6";
import * as mocks6 from "ai-6/test";
import * as ai7 from "ai-7";
import * as mocks7 from "ai-7/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, type Json } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

/*
 * The `ai` package with models that are the SDK's own mocks: version 6, which traces by itself, and
 * version 7, which leaves it to @ai-sdk/otel.
 */

const MODEL = { provider: "openai.chat", modelId: "gpt-4o-mini" };
const USAGE = {
  inputTokens: { total: 20, noCache: 12, cacheRead: 8, cacheWrite: 0 },
  outputTokens: { total: 9, text: 5, reasoning: 4 },
};
const TEXT = "It is sunny in Paris.";
const CALL = {
  content: [{ type: "tool-call" as const, toolCallId: "call_1", toolName: "weather", input: '{"city":"Paris"}' }],
  finishReason: { unified: "tool-calls" as const, raw: "tool_calls" },
  usage: USAGE,
  warnings: [],
};
const ANSWER = {
  content: [{ type: "text" as const, text: TEXT }],
  finishReason: { unified: "stop" as const, raw: "stop" },
  usage: USAGE,
  warnings: [],
};
const CHUNKS = [
  { type: "stream-start" as const, warnings: [] },
  { type: "text-start" as const, id: "1" },
  { type: "text-delta" as const, id: "1", delta: "It is sunny " },
  { type: "text-delta" as const, id: "1", delta: "in Paris." },
  { type: "text-end" as const, id: "1" },
  { type: "finish" as const, finishReason: ANSWER.finishReason, usage: USAGE },
];

const QUESTION = { system: "Be brief.", prompt: "Weather in Paris?", temperature: 0.2, maxOutputTokens: 50 };
const WEATHER = {
  description: "Weather of a city",
  inputSchema: z.object({ city: z.string() }),
  // Longer than the clock of a span ticks: the two requests around it start at moments that can be told apart.
  execute: ({ city }: { city: string }) => sleep(5, { city, celsius: 21 }),
};
const CHAT = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather in Paris?" },
];
const TOOL_CALL = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };
const TOOL_RESULT = { role: "tool", tool_call_id: "call_1", content: { city: "Paris", celsius: 21 } };

describeEachSystem("Vercel AI SDK", ({ system, soon }) => {
  let provider: NodeTracerProvider;
  let traceIds: Set<string>;

  beforeAll(() => {
    traceIds = new Set();
    const { baseUrl, projectA } = system();
    const exporter = new OTLPTraceExporter({
      url: `${baseUrl}/api/public/otel/v1/traces`,
      headers: { Authorization: basicAuth(projectA) },
    });
    const noting = {
      onStart: (span: { spanContext(): { traceId: string } }) => void traceIds.add(span.spanContext().traceId),
      onEnd: () => undefined,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    provider = new NodeTracerProvider({ spanProcessors: [noting, new BatchSpanProcessor(exporter)] });
    provider.register();
  });
  afterAll(async () => {
    trace.disable();
    context.disable();
    await provider.shutdown();
  });

  /** The one trace that comes of a call, when all its observations can be read. */
  async function traceOf(call: () => PromiseLike<unknown>, observations: number): Promise<Json> {
    traceIds.clear();
    await call();
    await provider.forceFlush();
    const [traceId, ...others] = traceIds;
    expect(others).toEqual([]);
    return await soon(
      () => apiOf(system(), system().projectA).read(`/api/public/traces/${traceId}`),
      (body) => body.observations.length === observations,
    );
  }

  /** Of each type in the order of time; the model's requests are the only ones that used anything. */
  function byType(body: Json, type: string): Json[] {
    return body.observations
      .filter((observation: Json) => observation.type === type)
      .toSorted((a: Json, b: Json) => a.startTime.localeCompare(b.startTime));
  }

  function expectUsage(body: Json, requests: number): void {
    const used = body.observations.filter(({ totalTokens }: Json) => totalTokens > 0);
    expect(used.map(({ type }: Json) => type)).toEqual(Array.from({ length: requests }, () => "GENERATION"));
    for (const observation of used) {
      expect(observation).toMatchObject({
        model: "gpt-4o-mini",
        usageDetails: { input: 12, input_cached_tokens: 8 },
        totalTokens: 29,
      });
    }
  }

  function expectChat(body: Json): void {
    const [first, second] = byType(body, "GENERATION");
    expect(first.input.messages).toEqual(CHAT);
    expect(first.output).toEqual({ role: "assistant", content: null, tool_calls: [TOOL_CALL] });
    expect(first.modelParameters).toMatchObject({ temperature: 0.2, max_tokens: 50 });
    expect(second.input.messages.slice(2)).toEqual([
      { role: "assistant", content: null, tool_calls: [TOOL_CALL] },
      TOOL_RESULT,
    ]);
    expect(second.output).toEqual({ role: "assistant", content: TEXT });
    const [tool] = byType(body, "TOOL");
    expect(tool).toMatchObject({ name: "weather", input: { city: "Paris" }, output: { city: "Paris", celsius: 21 } });
    expectUsage(body, 2);
  }

  test("version 6: text with a tool", async () => {
    const model = new mocks6.MockLanguageModelV3({ ...MODEL, doGenerate: [CALL, ANSWER] });
    const metadata = { userId: "ada", sessionId: "ai-6", tags: ["beta", "eu"], tenant: "acme" };
    const body = await traceOf(
      () =>
        ai6.generateText({
          ...QUESTION,
          model,
          stopWhen: ai6.stepCountIs(3),
          tools: { weather: ai6.tool(WEATHER) },
          experimental_telemetry: { isEnabled: true, functionId: "forecast", metadata },
        }),
      4,
    );
    expect(body).toMatchObject({
      name: "forecast:ai.generateText",
      userId: "ada",
      sessionId: "ai-6",
      tags: ["beta", "eu"],
      metadata: { tenant: "acme" },
      input: { system: "Be brief.", prompt: "Weather in Paris?" },
      output: TEXT,
    });
    expectChat(body);
    const [outer] = byType(body, "SPAN");
    for (const request of byType(body, "GENERATION")) {
      expect(request).toMatchObject({
        name: "forecast:ai.generateText.doGenerate",
        parentObservationId: outer.id,
        // As Langfuse has it, whose clients look for it.
        modelParameters: { maxTokens: "50" },
      });
    }
  });

  test("version 6: a stream", async () => {
    const stream = () => Promise.resolve({ stream: ai6.simulateReadableStream({ chunks: CHUNKS }) });
    const model = new mocks6.MockLanguageModelV3({ ...MODEL, doStream: stream });
    const experimental_telemetry = { isEnabled: true };
    const body = await traceOf(() => ai6.streamText({ ...QUESTION, model, experimental_telemetry }).consumeStream(), 2);
    const [request] = byType(body, "GENERATION");
    expect(request).toMatchObject({
      name: "ai.streamText.doStream",
      input: CHAT,
      output: { role: "assistant", content: TEXT },
    });
    expect(request.completionStartTime >= request.startTime).toBe(true);
    expect(body).toMatchObject({ name: "ai.streamText", output: TEXT });
    expectUsage(body, 1);
  });

  test("version 7: text with a tool", async () => {
    const model = new mocks7.MockLanguageModelV4({ ...MODEL, doGenerate: [CALL, ANSWER] });
    const body = await traceOf(
      () =>
        ai7.generateText({
          ...QUESTION,
          model,
          stopWhen: ai7.isStepCount(3),
          tools: { weather: ai7.tool(WEATHER) },
          runtimeContext: { userId: "ada", sessionId: "ai-7", tenant: "acme" },
          telemetry: {
            isEnabled: true,
            functionId: "forecast",
            includeRuntimeContext: { userId: true, sessionId: true, tenant: true },
            integrations: new OpenTelemetry({ usage: true, runtimeContext: true }),
          },
        }),
      6,
    );
    expect(body).toMatchObject({
      name: "invoke_agent gpt-4o-mini",
      userId: "ada",
      sessionId: "ai-7",
      metadata: { tenant: "acme" },
      input: CHAT,
    });
    expect(JSON.stringify(body.output)).toContain(TEXT);
    expectChat(body);
    const [agent] = byType(body, "AGENT");
    const steps = byType(body, "CHAIN");
    for (const { usageDetails } of byType(body, "GENERATION")) {
      expect(usageDetails).toMatchObject({ output: 5, output_reasoning_tokens: 4 });
    }
    expect(steps.map(({ name, parentObservationId }) => [name, parentObservationId])).toEqual([
      ["step 1", agent.id],
      ["step 2", agent.id],
    ]);
    expect(byType(body, "GENERATION").map(({ parentObservationId }) => parentObservationId)).toEqual(
      steps.map(({ id }) => id),
    );
  });

  test("version 7: a stream", async () => {
    const stream = () => Promise.resolve({ stream: ai7.simulateReadableStream({ chunks: CHUNKS }) });
    const model = new mocks7.MockLanguageModelV4({ ...MODEL, doStream: stream });
    const telemetry = { isEnabled: true, integrations: new OpenTelemetry() };
    const body = await traceOf(() => ai7.streamText({ ...QUESTION, model, telemetry }).consumeStream(), 3);
    const [request] = byType(body, "GENERATION");
    expect(request).toMatchObject({
      name: "chat gpt-4o-mini",
      input: CHAT,
      output: { role: "assistant", content: TEXT },
    });
    expect(request.completionStartTime >= request.startTime).toBe(true);
    expectUsage(body, 1);
  });
});
