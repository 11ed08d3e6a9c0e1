import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import { START_US, type Values } from "../fixtures/export-of.ts";

/*
 * What ai 4.3.19, 5.0.277, 6.0.326 and @ai-sdk/otel 1.0.173 exported: a call with a tool, of two
 * requests to the model, and a stream; version 6 also an object and an embedding.
 */

const question = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather in Paris?" },
];
const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };
const result = { role: "tool", tool_call_id: "call_1", content: { city: "Paris", celsius: 21 } };
const tools = [{ type: "function", function: { name: "weather", description: "Weather of a city" } }];

describe.each(["4", "5", "6"])("version %s", (version) => {
  const { events } = decodeFixture(`ai-sdk-${version}.json`);
  const [outer, first, tool, second] = events.observations;
  const stream = events.observations.find(({ name }) => name === "ai.streamText.doStream");

  test("has the user's call as a span of what the user gave and got, without the sums of its requests", () => {
    expect(outer).toMatchObject({
      type: "SPAN",
      name: "forecast:ai.generateText",
      input: { system: "Be brief.", prompt: "Weather in Paris?" },
      output: "It is sunny in Paris.",
    });
    for (const field of ["model", "usageDetails"]) expect(outer).not.toHaveProperty(field);
  });

  test("has each request as a generation, its messages and tools as OpenAI has them", () => {
    expect(first).toMatchObject({
      type: "GENERATION",
      name: "forecast:ai.generateText.doGenerate",
      parentObservationId: outer?.id,
      model: "gpt-4o-mini-2024-07-18",
      promptName: "weather",
      promptVersion: "3",
      input: { messages: question, tools },
      output: { role: "assistant", content: null, tool_calls: [call] },
    });
    expect(second).toMatchObject({
      type: "GENERATION",
      input: { messages: [...question, { role: "assistant", content: null, tool_calls: [call] }, result] },
      output: { role: "assistant", content: "It is sunny in Paris." },
    });
  });

  test("has the parameters as the GenAI conventions name them, and as text by Langfuse's keys", () => {
    expect(first?.modelParameters).toEqual({
      temperature: 0.2,
      max_tokens: 100,
      tool_choice: "auto",
      maxTokens: "100",
      maxRetries: "0",
      toolChoice: '{"type":"auto"}',
      system: "openai.chat",
      finishReason: "tool-calls",
    });
  });

  test("has a tool by its name, with arguments and result", () => {
    expect(tool).toMatchObject({
      type: "TOOL",
      name: "weather",
      input: { city: "Paris" },
      output: { city: "Paris", celsius: 21 },
    });
  });

  test("has the first chunk of a stream, and disjoint usage", () => {
    expect(stream).toMatchObject({
      input: [{ role: "user", content: "Hi" }],
      output: { role: "assistant", content: "It is sunny in Paris." },
      usageDetails: { input: 12, input_cached_tokens: 8, output: 5, output_reasoning_tokens: 4 },
    });
    expect(stream?.completionStartTimeUs).toBeGreaterThan((stream?.startTimeUs ?? 0) + 100_000);
    expect(stream?.completionStartTimeUs).toBeLessThan(stream?.endTimeUs ?? 0);
  });

  test("tells the trace what the user wrote into the call's metadata", () => {
    expect(Object.assign({}, ...events.traces.filter(({ id }) => id === outer?.traceId))).toMatchObject({
      name: "forecast:ai.generateText",
      userId: "ada",
      sessionId: "s-1",
      tags: ["beta", "eu"],
      metadata: { tenant: "acme", attempt: 2 },
    });
  });

  test("keeps of the attributes what no field repeats", () => {
    const kept = Object.keys(first?.metadata?.["attributes"] as object);
    expect(kept).toEqual(expect.arrayContaining(["ai.response.finishReason", "ai.settings.maxRetries"]));
    expect(kept).not.toContain("ai.prompt.messages");
    expect(kept).not.toContain("ai.prompt.tools");
    expect(kept).not.toContain("ai.response.toolCalls");
  });
});

test("version 6 makes objects and embeddings too", () => {
  const { observations } = decodeFixture("ai-sdk-6.json").events;
  const named = (name: string) => observations.find((observation) => observation.name === name);
  expect(named("ai.generateObject.doGenerate")).toMatchObject({
    type: "GENERATION",
    input: [{ role: "user", content: "Which city?" }],
    output: { city: "Paris" },
    usageDetails: { input: 20, output: 9 },
  });
  expect(named("ai.embed.doEmbed")).toMatchObject({
    type: "EMBEDDING",
    model: "text-embedding-3-small",
    input: ["sunny"],
    output: [[0.1, 0.2, 0.3]],
    usageDetails: { input: 5, total: 5 },
  });
  expect(named("ai.embed")).toMatchObject({ type: "SPAN", input: "sunny", output: [0.1, 0.2, 0.3] });
  expect(named("ai.embed")).not.toHaveProperty("usageDetails");
});

describe("version 7", () => {
  const { observations } = decodeFixture("ai-sdk-7.json").events;

  test("speaks the GenAI conventions, with agents and steps around its requests", () => {
    expect(observations.slice(0, 4).map(({ type, name }) => [type, name])).toEqual([
      ["AGENT", "invoke_agent gpt-4o-mini"],
      ["CHAIN", "step 1"],
      ["GENERATION", "chat gpt-4o-mini"],
      ["TOOL", "weather"],
    ]);
    expect(observations[0]).not.toHaveProperty("usageDetails");
    expect(observations[2]).toMatchObject({
      model: "gpt-4o-mini-2024-07-18",
      usageDetails: { input: 12, input_cached_tokens: 8, output: 9 },
      input: { messages: question },
      output: { role: "assistant", content: null, tool_calls: [call] },
    });
    expect(observations[2]?.modelParameters).toEqual({ temperature: 0.2, max_tokens: 100 });
    expect(observations[3]).toMatchObject({ input: { city: "Paris" }, output: { city: "Paris", celsius: 21 } });
  });

  test("counts the time to the first chunk in seconds", () => {
    const streamed = observations.find(({ completionStartTimeUs }) => completionStartTimeUs !== undefined);
    expect(streamed).toMatchObject({ completionStartTimeUs: (streamed?.startTimeUs ?? 0) + 383_861 });
  });

  test("says more on request, and its runtime context is the user's metadata", () => {
    const { observation, traces } = decodeSpan({
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "claude",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.usage.cache_read.input_tokens": 10,
        "ai.usage.outputTokenDetails.reasoningTokens": 4,
        "ai.settings.context.userId": "ada",
        "ai.settings.context.tenant": "acme",
      },
    });
    expect(observation).toMatchObject({
      type: "GENERATION",
      name: "work",
      model: "claude",
      modelParameters: { temperature: 0.5 },
      usageDetails: { input: 20, input_cached_tokens: 10, output: 5, output_reasoning_tokens: 4 },
    });
    expect(Object.assign({}, ...traces)).toMatchObject({ userId: "ada", metadata: { tenant: "acme" } });
  });
});

describe("a span of the AI SDK", () => {
  const observe = (attributes: Values) => decodeSpan({ attributes }).observation;

  test.each([
    ["ai.streamObject.doStream", "GENERATION"],
    ["ai.embedMany.doEmbed", "EMBEDDING"],
    ["ai.rerank.doRerank", "RETRIEVER"],
    ["ai.rerank", "SPAN"],
    ["ai.transcribe", "GENERATION"],
    ["ai.toolCall", "TOOL"],
  ])("%s is a %s", (operation, type) => {
    expect(observe({ "ai.operationId": operation, "gen_ai.request.model": "m" }).type).toBe(type);
  });

  test("has every parameter that a setting or the request names, under each name once", () => {
    const { modelParameters } = observe({
      "ai.operationId": "ai.generateObject.doGenerate",
      "ai.settings.maxSteps": 3,
      "ai.settings.mode": "json",
      "ai.settings.topP": 0.9,
      "gen_ai.request.model": "m",
      "gen_ai.request.max_tokens": 50,
      "gen_ai.request.top_p": 0.9,
    });
    expect(modelParameters).toEqual({ max_tokens: 50, top_p: 0.9, maxTokens: "50", maxSteps: "3", mode: "json" });
    expect(observe({ "ai.operationId": "ai.toolCall" })).not.toHaveProperty("modelParameters");
  });

  test("of version 3 has its operation before the name of its function", () => {
    const event = observe({
      "operation.name": "ai.generateText.doGenerate fn",
      "ai.result.text": "Hi",
      "ai.model.id": "m",
    });
    expect(event).toMatchObject({ type: "GENERATION", name: "ai.generateText.doGenerate", output: "Hi", model: "m" });
  });

  test("with text and calls has both in one message", () => {
    const event = observe({
      "ai.operationId": "ai.streamText.doStream",
      "ai.response.text": "Let me see.",
      "ai.response.toolCalls": '[{"toolCallId":"c","toolName":"clock","input":{"zone":"UTC"}}]',
    });
    expect(event.output).toEqual({
      role: "assistant",
      content: "Let me see.",
      tool_calls: [{ id: "c", type: "function", function: { name: "clock", arguments: '{"zone":"UTC"}' } }],
    });
  });

  test("takes the first chunk's event where no time is given", () => {
    const { observation } = decodeSpan({
      attributes: { "ai.operationId": "ai.streamText.doStream" },
      events: [{ name: "ai.stream.firstChunk", timeUs: START_US + 9 }],
    });
    expect(observation.completionStartTimeUs).toBe(START_US + 9);
  });

  test("has no prompt without its version", () => {
    const event = observe({
      "ai.operationId": "ai.x.doGenerate",
      "ai.telemetry.metadata.langfusePrompt": '{"name":"p"}',
    });
    expect(event).not.toHaveProperty("promptName");
  });

  test("gives way to what was set by hand", () => {
    const event = observe({
      "ai.operationId": "ai.generateText",
      "langfuse.observation.type": "agent",
      "langfuse.observation.usage_details": '{"input":1}',
      "ai.usage.inputTokens": 7,
    });
    expect(event).toMatchObject({ type: "AGENT", usageDetails: { input: 1 } });
  });
});
