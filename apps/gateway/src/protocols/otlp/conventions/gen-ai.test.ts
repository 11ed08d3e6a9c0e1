import { stampOf } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import { START_US, TRACE_ID, type Values } from "../fixtures/export-of.ts";

const T = 1_767_323_045_000_000;

function observe(attributes: Values) {
  return decodeSpan({ attributes }).observation;
}

describe("an agent of the conventions since 1.37", () => {
  const { events } = decodeFixture("gen-ai-messages.json");
  const [agent, chat, tool] = events.observations;

  test("has an agent, without the sums of its children", () => {
    expect(agent).toMatchObject({ type: "AGENT", name: "invoke_agent travel" });
    for (const field of ["model", "usageDetails", "costDetails"]) expect(agent).not.toHaveProperty(field);
  });

  test("has a generation with disjoint usage and the instructions among its messages", () => {
    expect(chat).toMatchObject({
      type: "GENERATION",
      name: "chat gpt-5",
      model: "gpt-5-2025",
      modelParameters: { temperature: 0.3, stop_sequences: ["END"] },
      usageDetails: { input: 40, input_cached_tokens: 60, output: 25, output_reasoning_tokens: 15 },
      completionStartTimeUs: T + 350_000,
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Weather in Paris?" },
      ],
      output: {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
      },
    });
  });

  test("keeps the small attributes in metadata and not the messages", () => {
    const kept = Object.keys((chat?.metadata?.["attributes"] ?? {}) as object);
    expect(kept).toContain("gen_ai.request.model");
    expect(kept).toContain("gen_ai.response.finish_reasons");
    expect(kept.filter((key) => /messages|instructions/.test(key))).toEqual([]);
  });

  test("has a tool call by the tool's name", () => {
    expect(tool).toMatchObject({
      type: "TOOL",
      name: "weather",
      input: { city: "Paris" },
      output: { celsius: 21 },
      level: "ERROR",
      statusMessage: "timeout",
    });
  });

  test("tells the trace its session, and by its root its name", () => {
    expect(events.traces).toEqual([
      {
        id: TRACE_ID,
        stamp: stampOf(T, "derived"),
        timestampUs: T,
        version: "3",
        environment: "prod",
        name: "invoke_agent travel",
      },
      { id: TRACE_ID, stamp: stampOf(T), sessionId: "conv-7" },
    ]);
  });
});

describe("type", () => {
  test.each([
    ["chat", "GENERATION"],
    ["text_completion", "GENERATION"],
    ["generate_content", "GENERATION"],
    ["embeddings", "EMBEDDING"],
    ["create_agent", "AGENT"],
    ["execute_tool", "TOOL"],
    ["invoke_workflow", "CHAIN"],
    ["retrieval", "RETRIEVER"],
    ["search_memory", "RETRIEVER"],
    ["update_memory", "TOOL"],
    ["run_guardrail", "GUARDRAIL"],
    ["something_new", "SPAN"],
  ])("operation %s is a %s", (operation, type) => {
    expect(observe({ "gen_ai.operation.name": operation }).type).toBe(type);
  });

  test("is implied by a tool or a model", () => {
    expect(observe({ "gen_ai.tool.call.id": "c", "gen_ai.request.model": "m" }).type).toBe("TOOL");
    expect(observe({ "gen_ai.tool.name": "t" }).type).toBe("TOOL");
    expect(observe({ "gen_ai.response.model": "m" }).type).toBe("GENERATION");
    expect(observe({ "gen_ai.system": "openai" }).type).toBe("SPAN");
  });

  test("what a user says by hand wins, also over a sum", () => {
    const event = observe({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.request.model": "m",
      "langfuse.observation.type": "chain",
      "langfuse.observation.model.name": "mine",
      "langfuse.observation.cost_details": '{"total":1}',
    });
    expect(event).toMatchObject({ type: "CHAIN", model: "mine", costDetails: { total: 1 } });
  });
});

describe("usage", () => {
  const usage = (counts: Values) => {
    const named = Object.entries(counts).map(([name, count]) => [`gen_ai.usage.${name}`, count] as const);
    return observe({ "gen_ai.operation.name": "chat", ...Object.fromEntries(named) });
  };

  test.each<[string, Values, Values | undefined]>([
    ["is none without a count", { cost: 1 }, undefined],
    ["prefers one spelling", { prompt_tokens: 5, input_tokens: 7, completion_tokens: 2 }, { input: 5, output: 2 }],
    ["prefers it in any order", { input_tokens: 7, prompt_tokens: 5 }, { input: 5 }],
    ["takes text for numbers", { input_tokens: "12" }, { input: 12 }],
    ["drops what is no count", { input_tokens: -1, output_tokens: 1.5, total_tokens: "x", a: 1e13 }, undefined],
    ["keeps names that nobody knows", { "details.web_searches": 2 }, { web_searches: 2 }],
    ["takes cached tokens off", { input_tokens: 10, cached_tokens: 4 }, { input: 6, input_cached_tokens: 4 }],
    [
      "sees parts that exceed the whole",
      { input_tokens: 3, cache_read_tokens: 9 },
      { input: 3, input_cached_tokens: 9 },
    ],
    [
      "trusts a total that leaves no room for parts",
      { input_tokens: 10, output_tokens: 5, total_tokens: 15, cache_read_tokens: 4 },
      { input: 6, output: 5, total: 15, input_cached_tokens: 4 },
    ],
    [
      "takes audio and reasoning off",
      {
        input_tokens: 10,
        output_tokens: 9,
        "audio.input_tokens": 3,
        "details.reasoning_tokens": 4,
        "audio.output_tokens": 2,
      },
      { input: 7, output: 3, input_audio_tokens: 3, output_reasoning_tokens: 4, output_audio_tokens: 2 },
    ],
    ["never goes below zero", { output_tokens: 1, reasoning_tokens: 4 }, { output: 0, output_reasoning_tokens: 4 }],
    [
      "leaves modalities within the whole",
      { input_tokens: 9, "text.input_tokens": 4, "image.input_tokens": 5 },
      { input: 9 },
    ],
  ])("%s", (_, sent, expected) => expect(usage(sent).usageDetails).toEqual(expected));

  test("comes with costs where they are given", () => {
    expect(usage({ cost: "0.25", input_cost: 0.1, output_cost: -1 }).costDetails).toEqual({ input: 0.1, total: 0.25 });
  });
});

test("a user and a conversation are told to the trace", () => {
  const { traces } = decodeSpan({
    attributes: { "gen_ai.user": "u", "gen_ai.conversation.id": "c", "session.id": "s" },
  });
  expect(traces.find(({ stamp }) => stamp === stampOf(START_US))).toMatchObject({ userId: "u", sessionId: "s" });
});
