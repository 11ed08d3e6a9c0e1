/* oxlint-disable typescript/no-deprecated -- what the handler calls deprecated is what its users call. */
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { ChatOpenAI } from "@langchain/openai";
import { context } from "@opentelemetry/api";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { embed, generateText, streamText, type EmbeddingModel, type LanguageModel } from "ai-5";
import { Langfuse, LangfuseWeb } from "langfuse";
import { CallbackHandler } from "langfuse-langchain";
import { LangfuseExporter } from "langfuse-vercel";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiOf, type Json } from "../support/api.ts";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import {
  FAKE_ANSWER,
  FAKE_MODEL,
  startFakeOpenAi,
  UNKNOWN_MODEL,
  UNKNOWN_MODEL_MESSAGE,
  type FakeOpenAi,
} from "../support/fake-openai.ts";
import { expectFiftyReadable, FIFTY_TIMEOUT_MS } from "../support/fifty-writes.ts";

describeStandalone("langfuse 3 integrations", ({ system, soon }) => {
  const read = (path: string) => apiOf(system(), system().projectA).read(`/api/public/${path}`);
  const readTrace = (id: string | undefined): Promise<Json> => read(`traces/${id}`);
  const credentials = () => {
    const { baseUrl, projectA } = system();
    return { baseUrl, publicKey: projectA.publicKey, secretKey: projectA.secretKey };
  };

  describe("langfuse-langchain", () => {
    let models: FakeOpenAi;
    beforeAll(async () => {
      models = await startFakeOpenAi();
    });
    afterAll(() => models.close());

    const chat = (model = "gpt-4o") =>
      new ChatOpenAI({
        model,
        temperature: 0.2,
        apiKey: "none",
        maxRetries: 0,
        configuration: { baseURL: models.baseUrl },
      });

    test("a chain with prompt, model and parser", async () => {
      const handler = new CallbackHandler({
        ...credentials(),
        userId: "user-3",
        sessionId: "chain-session",
        tags: ["chain"],
        metadata: { tenant: "acme" },
        version: "2.0.0",
      });
      const chain = ChatPromptTemplate.fromMessages([
        ["system", "You are brief."],
        ["human", "{question}"],
      ])
        .pipe(chat())
        .pipe(new StringOutputParser());
      await chain.invoke({ question: "Where?" }, { callbacks: [handler], runName: "answer-ticket" });
      await handler.flushAsync();

      const trace = await soon(() => readTrace(handler.getTraceId()));
      expect(trace).toMatchObject({
        name: "answer-ticket",
        userId: "user-3",
        sessionId: "chain-session",
        tags: ["chain"],
        metadata: { tenant: "acme" },
        version: "2.0.0",
        input: { question: "Where?" },
        output: FAKE_ANSWER,
        observationCount: 4,
      });
      const named = byName<Json>(trace.observations);
      expect(named("answer-ticket")).toMatchObject({ type: "SPAN", parentObservationId: null });
      for (const step of ["ChatPromptTemplate", "ChatOpenAI", "StrOutputParser"]) {
        expect(named(step).parentObservationId).toBe(named("answer-ticket").id);
      }
      expect(named("ChatOpenAI")).toMatchObject({
        type: "GENERATION",
        model: FAKE_MODEL,
        modelParameters: { temperature: 0.2 },
        input: [
          { role: "system", content: "You are brief." },
          { role: "user", content: "Where?" },
        ],
        output: { role: "assistant", content: FAKE_ANSWER },
        usageDetails: { input: 20, output: 20, total: 150, input_cache_read: 100, output_reasoning: 10 },
        metadata: { ls_provider: "openai" },
      });
    });

    test("a model that refuses, below a span of the application", async () => {
      const langfuse = new Langfuse(credentials());
      const root = langfuse.trace({ name: "outer" });
      const span = root.span({ name: "inner" });
      const handler = new CallbackHandler({ root: span });
      const answer = chat(UNKNOWN_MODEL).invoke("Hi", { callbacks: [handler] });
      await expect(answer).rejects.toThrow(UNKNOWN_MODEL_MESSAGE);
      span.end();
      await langfuse.shutdownAsync();

      const trace = await soon(() => readTrace(root.id));
      expect(trace).toMatchObject({ name: "outer", observationCount: 2, errorCount: 1 });
      const named = byName<Json>(trace.observations);
      expect(named("inner")).toMatchObject({ type: "SPAN", parentObservationId: null, level: "DEFAULT" });
      expect(named("ChatOpenAI")).toMatchObject({
        type: "GENERATION",
        parentObservationId: span.id,
        level: "ERROR",
        statusMessage: expect.stringContaining(UNKNOWN_MODEL_MESSAGE),
        model: UNKNOWN_MODEL,
        input: [{ role: "user", content: "Hi" }],
        output: null,
      });
    });
  });

  describe("langfuse-vercel", () => {
    let provider: NodeTracerProvider;
    beforeAll(() => {
      provider = new NodeTracerProvider({
        spanProcessors: [new BatchSpanProcessor(new LangfuseExporter({ ...credentials(), environment: "staging" }))],
      });
      // Without it the AI SDK's spans do not find their parents.
      provider.register();
    });
    afterAll(async () => {
      context.disable();
      await provider.shutdown();
    });

    const telemetry = (functionId: string, metadata: Record<string, string | string[]>) => ({
      isEnabled: true,
      functionId,
      metadata,
      tracer: provider.getTracer("ai"),
    });

    test("an answer, whole and streamed", async () => {
      const metadata = { langfuseTraceId: "vercel-1", userId: "user-4", sessionId: "vercel-session", tags: ["ai"] };
      await generateText({
        model: MODEL,
        system: "You are brief.",
        prompt: "Where?",
        temperature: 0.2,
        experimental_telemetry: telemetry("answer-ticket", { ...metadata, tenant: "acme" }),
      });
      const streamed = streamText({
        model: MODEL,
        prompt: "And now?",
        experimental_telemetry: telemetry("stream-answer", { langfuseTraceId: "vercel-2" }),
      });
      expect(await streamed.text).toBe(FAKE_ANSWER);
      await provider.forceFlush();

      const asked = { role: "user", content: [{ type: "text", text: "Where?" }] };
      const whole = await soon(() => readTrace("vercel-1"));
      expect(whole).toMatchObject({
        name: "answer-ticket",
        userId: "user-4",
        sessionId: "vercel-session",
        tags: ["ai"],
        metadata: { tenant: "acme" },
        environment: "staging",
        output: FAKE_ANSWER,
        totalTokens: 150,
      });
      const named = byName<Json>(whole.observations);
      expect(named("answer-ticket")).toMatchObject({ type: "SPAN", parentObservationId: null });
      expect(named("ai.generateText.doGenerate")).toMatchObject({
        type: "GENERATION",
        parentObservationId: named("answer-ticket").id,
        model: FAKE_MODEL,
        // The exporter writes numbers as text.
        modelParameters: { temperature: "0.2" },
        input: [{ role: "system", content: "You are brief." }, asked],
        output: FAKE_ANSWER,
        usageDetails: { input: 120, output: 30 },
      });

      const inPieces = await soon(() => readTrace("vercel-2"));
      expect(inPieces).toMatchObject({ name: "stream-answer", output: FAKE_ANSWER, observationCount: 2 });
      const inner = byName<Json>(inPieces.observations)("ai.streamText.doStream");
      expect(inner).toMatchObject({ type: "GENERATION", output: FAKE_ANSWER });
      expect(inner.completionStartTime).toBeTruthy();
    });

    test("an embedding, of whose usage only the total is told", async () => {
      const metadata = { langfuseTraceId: "vercel-embedding" };
      await embed({ model: EMBEDDING, value: "sunny", experimental_telemetry: telemetry("embed-ticket", metadata) });
      await provider.forceFlush();
      const trace = await soon(() => readTrace("vercel-embedding"));
      const cost = 0.000_000_12;
      expect(byName<Json>(trace.observations)("ai.embed.doEmbed")).toMatchObject({
        model: EMBEDDING.modelId,
        usageDetails: { total: 6 },
        costDetails: { input: cost, total: cost },
        calculatedInputCost: cost,
        calculatedTotalCost: cost,
      });
      expect(trace.totalCost).toBe(cost);
    });

    test(
      "fifty writes are readable at once",
      async () => {
        await expectFiftyReadable(
          "langfuse-vercel",
          async (index) => {
            const langfuseTraceId = `vercel-of-fifty-${index}`;
            await generateText({
              model: MODEL,
              prompt: "Where?",
              experimental_telemetry: telemetry("one of fifty", { langfuseTraceId }),
            });
            await provider.forceFlush();
            return langfuseTraceId;
          },
          readTrace,
        );
      },
      FIFTY_TIMEOUT_MS,
    );
  });

  describe("langfuse in a browser", () => {
    test("scores with nothing but the public key", async () => {
      const langfuse = new Langfuse(credentials());
      const trace = langfuse.trace({ name: "rated" });
      await langfuse.shutdownAsync();

      const { baseUrl, publicKey } = credentials();
      const web = new LangfuseWeb({ baseUrl, publicKey });
      await web.score({ id: "web-1", traceId: trace.id, name: "thumbs", value: 1, comment: "thanks 👍" });
      await web.score({ id: "web-2", traceId: trace.id, name: "mood", value: "happy" });
      const rated = await soon(
        () => readTrace(trace.id),
        ({ scores }) => scores.length === 2,
      );
      const named = byName<Json>(rated.scores);
      expect(named("thumbs")).toMatchObject({ id: "web-1", dataType: "NUMERIC", value: 1, comment: "thanks 👍" });
      expect(named("mood")).toMatchObject({ id: "web-2", dataType: "CATEGORICAL", stringValue: "happy" });
    });
  });
});

const USAGE = { inputTokens: 120, outputTokens: 30, totalTokens: 150, cachedInputTokens: 100 };

const EMBEDDING: Exclude<EmbeddingModel, string> = {
  specificationVersion: "v2",
  provider: "openai.embedding",
  modelId: "text-embedding-3-small",
  maxEmbeddingsPerCall: 1,
  supportsParallelCalls: false,
  doEmbed: async () => ({ embeddings: [[0.1, 0.2]], usage: { tokens: 6 } }),
};

/** A model of the application's own, as it may pass to the AI SDK in place of a provider's. */
const MODEL: Exclude<LanguageModel, string> = {
  specificationVersion: "v2",
  provider: "openai.chat",
  modelId: "gpt-4o",
  supportedUrls: {},
  doGenerate: async () => ({
    content: [{ type: "text", text: FAKE_ANSWER }],
    finishReason: "stop",
    usage: USAGE,
    warnings: [],
    response: { modelId: FAKE_MODEL },
  }),
  doStream: async () => ({
    stream: new ReadableStream({
      start(controller) {
        controller.enqueue({ type: "stream-start", warnings: [] });
        controller.enqueue({ type: "text-start", id: "1" });
        controller.enqueue({ type: "text-delta", id: "1", delta: FAKE_ANSWER });
        controller.enqueue({ type: "text-end", id: "1" });
        controller.enqueue({ type: "finish", finishReason: "stop", usage: USAGE });
        controller.close();
      },
    }),
  }),
};
