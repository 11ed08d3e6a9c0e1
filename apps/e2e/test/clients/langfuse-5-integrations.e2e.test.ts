/* oxlint-disable typescript/no-deprecated -- what the client calls deprecated is what self-hosted users of it call. */
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { CallbackHandler } from "@langfuse/langchain";
import { observeOpenAI } from "@langfuse/openai";
import { startActiveObservation } from "@langfuse/tracing";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { byName } from "../support/by-name.ts";
import { describeStandalone } from "../support/each-system.ts";
import {
  FAKE_ANSWER,
  FAKE_MODEL,
  FAKE_TOOL_CALL,
  startFakeOpenAi,
  UNKNOWN_MODEL,
  UNKNOWN_MODEL_MESSAGE,
  type FakeOpenAi,
} from "../support/fake-openai.ts";
import { expectFiftyReadable, FIFTY_TIMEOUT_MS } from "../support/fifty-writes.ts";
import { startLangfuseTracing, type LangfuseTracing } from "../support/langfuse-tracing.ts";

const MESSAGES = [{ role: "user" as const, content: "Wo ist es? 📦" }];

/** The buckets do not overlap, so input and output are what is left of the inclusive counts. */
const USAGE = { input: 20, output: 20, total: 150, input_cached_tokens: 100, output_reasoning_tokens: 10 };

describeStandalone("langfuse 5 integrations", ({ system, soon }) => {
  let tracing: LangfuseTracing;
  let models: FakeOpenAi;

  beforeAll(async () => {
    models = await startFakeOpenAi();
    tracing = startLangfuseTracing(system());
  });
  afterAll(async () => {
    await Promise.all([tracing.stop(), models.close()]);
  });

  const readTrace = (id: string) => tracing.client.api.trace.get(id);
  const connect = () => new OpenAI({ apiKey: "none", baseURL: models.baseUrl, maxRetries: 0 });

  describe("@langfuse/openai", () => {
    test("a call below a span of the application", async () => {
      const openai = observeOpenAI(connect(), {
        traceName: "support",
        generationName: "compose",
        userId: "user-1",
        sessionId: "openai-session",
        tags: ["b", "a"],
        generationMetadata: { attempt: 2 },
        langfusePrompt: { name: "compose-answer", version: 7, isFallback: false },
      });
      const traceId = await startActiveObservation("handle", async (span) => {
        await openai.chat.completions.create({ model: "gpt-4o", messages: MESSAGES, temperature: 0.2 });
        return span.traceId;
      });
      await tracing.flush();

      const read = await soon(() => readTrace(traceId));
      expect(read).toMatchObject({ name: "support", userId: "user-1", sessionId: "openai-session", tags: ["a", "b"] });
      expect(read.observations).toHaveLength(2);
      const named = byName(read.observations);
      expect(named("handle")).toMatchObject({ type: "SPAN", parentObservationId: null });
      expect(named("compose")).toMatchObject({
        type: "GENERATION",
        parentObservationId: named("handle").id,
        model: FAKE_MODEL,
        modelParameters: { temperature: 0.2 },
        input: { messages: MESSAGES },
        output: { role: "assistant", content: FAKE_ANSWER },
        usageDetails: USAGE,
        promptTokens: 120,
        completionTokens: 30,
        totalTokens: 150,
        metadata: { attempt: 2 },
        promptName: "compose-answer",
        promptVersion: 7,
        level: "DEFAULT",
      });
    });

    test("a stream, a tool call and a refusal", async () => {
      const openai = observeOpenAI(connect());
      const traceId = await startActiveObservation("three calls", async (span) => {
        const ask = { model: "gpt-4o", messages: MESSAGES };
        const stream = await openai.chat.completions.create({
          ...ask,
          stream: true,
          stream_options: { include_usage: true },
        });
        let text = "";
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
        expect(text).toBe(FAKE_ANSWER);
        const tools = [{ type: "function" as const, function: { name: "lookup_order", parameters: {} } }];
        await observeOpenAI(connect(), { generationName: "tools" }).chat.completions.create({ ...ask, tools });
        const refused = observeOpenAI(connect(), { generationName: "refused" });
        await expect(refused.chat.completions.create({ ...ask, model: UNKNOWN_MODEL })).rejects.toThrow(
          UNKNOWN_MODEL_MESSAGE,
        );
        return span.traceId;
      });
      await tracing.flush();

      const read = await soon(() => readTrace(traceId));
      expect(read.observations).toHaveLength(4);
      const named = byName(read.observations);
      const streamed = named("OpenAI.chat");
      // A stream is told nothing of the model that answers, so it is the one that was asked for.
      expect(streamed).toMatchObject({ model: "gpt-4o", output: FAKE_ANSWER, usageDetails: USAGE });
      expect(streamed.timeToFirstToken).toBeGreaterThan(0);
      expect(named("tools").input).toMatchObject({ tools: [{ function: { name: "lookup_order" } }] });
      expect(named("tools").output).toEqual({ role: "assistant", content: null, tool_calls: [FAKE_TOOL_CALL] });
      expect(named("refused")).toMatchObject({
        type: "GENERATION",
        level: "ERROR",
        statusMessage: `Error: 400 ${UNKNOWN_MODEL_MESSAGE}`,
        model: UNKNOWN_MODEL,
        costDetails: { input: 0, output: 0, total: 0 },
      });
    });

    test(
      "fifty writes are readable at once",
      async () => {
        const openai = observeOpenAI(connect());
        await expectFiftyReadable(
          "@langfuse/openai",
          async () => {
            const traceId = await startActiveObservation("one of fifty", async (span) => {
              await openai.chat.completions.create({ model: "gpt-4o", messages: MESSAGES });
              return span.traceId;
            });
            await tracing.flush();
            return traceId;
          },
          readTrace,
        );
      },
      FIFTY_TIMEOUT_MS,
    );
  });

  describe("@langfuse/langchain", () => {
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
        userId: "user-2",
        sessionId: "chain-session",
        tags: ["chain"],
        traceMetadata: { tenant: "acme" },
        version: "2.0.0",
      });
      const chain = ChatPromptTemplate.fromMessages([
        ["system", "You are brief."],
        ["human", "{question}"],
      ])
        .pipe(chat())
        .pipe(new StringOutputParser());
      const answer = await chain.invoke({ question: "Where?" }, { callbacks: [handler], runName: "answer-ticket" });
      expect(answer).toBe(FAKE_ANSWER);
      await tracing.flush();

      const read = await soon(() => readTrace(handler.last_trace_id ?? ""));
      expect(read).toMatchObject({
        name: "answer-ticket",
        userId: "user-2",
        sessionId: "chain-session",
        tags: ["chain"],
        metadata: { tenant: "acme" },
        version: "2.0.0",
        input: { question: "Where?" },
        output: FAKE_ANSWER,
      });
      expect(read.observations).toHaveLength(4);
      const named = byName(read.observations);
      expect(named("answer-ticket")).toMatchObject({ type: "SPAN", parentObservationId: null });
      for (const step of ["ChatPromptTemplate", "ChatOpenAI", "StrOutputParser"]) {
        expect(named(step).parentObservationId).toBe(named("answer-ticket").id);
      }
      const prompt = [
        { role: "system", content: "You are brief." },
        { role: "user", content: "Where?" },
      ];
      expect(named("ChatPromptTemplate")).toMatchObject({ output: { messages: prompt } });
      expect(named("ChatOpenAI")).toMatchObject({
        type: "GENERATION",
        model: FAKE_MODEL,
        modelParameters: { temperature: 0.2 },
        input: prompt,
        output: { role: "assistant", content: FAKE_ANSWER },
        usageDetails: { input: 20, output: 20, total: 150, input_cache_read: 100, output_reasoning: 10 },
      });
      expect(named("StrOutputParser")).toMatchObject({ output: FAKE_ANSWER });
    });

    test("a tool, and a model that refuses", async () => {
      const handler = new CallbackHandler();
      const lookup = tool(async ({ orderId }) => `order ${orderId} was shipped`, {
        name: "lookup_order",
        description: "Looks up an order",
        schema: z.object({ orderId: z.number() }),
      });
      await lookup.invoke({ orderId: 42 }, { callbacks: [handler] });
      const toolTrace = handler.last_trace_id ?? "";
      await expect(chat(UNKNOWN_MODEL).invoke("Hi", { callbacks: [handler] })).rejects.toThrow(UNKNOWN_MODEL_MESSAGE);
      await tracing.flush();

      const used = await soon(() => readTrace(toolTrace));
      expect(used.observations).toMatchObject([
        { type: "TOOL", name: "lookup_order", input: { orderId: 42 }, output: "order 42 was shipped" },
      ]);
      const failed = await soon(() => readTrace(handler.last_trace_id ?? ""));
      expect(failed.observations).toMatchObject([
        { type: "GENERATION", level: "ERROR", model: UNKNOWN_MODEL, input: [{ role: "user", content: "Hi" }] },
      ]);
      expect(failed.observations[0]?.statusMessage).toContain(UNKNOWN_MODEL_MESSAGE);
    });
  });
});
