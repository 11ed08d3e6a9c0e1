import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";

/** What google-adk 1.14.1 and 2.13.0 (with content in its spans) exported: an agent with a tool. */

const question = [
  { role: "system", content: 'Be brief.\n\nYou are an agent. Your internal name is "forecast".' },
  { role: "user", content: "Weather in Paris?" },
];
const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };
const result = { role: "tool", tool_call_id: "call_1", content: { city: "Paris", celsius: 21 } };

describe.each(["1", "2"])("version %s", (version) => {
  const { observations, traces } = decodeFixture(`google-adk-${version}.json`).events;
  const [root, agent, first, tool, second] = observations;

  test("has an agent of requests and tools", () => {
    expect(observations.map(({ type }) => type)).toEqual(["CHAIN", "AGENT", "GENERATION", "TOOL", "GENERATION"]);
    expect(agent?.parentObservationId).toBe(root?.id);
    expect(Object.assign({}, ...traces)).toMatchObject({ sessionId: "s-1", name: root?.name });
  });

  test("has a request's messages, model and disjoint usage", () => {
    expect(first).toMatchObject({
      model: "gemini-2.5-flash",
      modelParameters: { max_tokens: 100 },
      usageDetails: { input: 12, input_cached_tokens: 8, output: 5, output_reasoning_tokens: 4 },
      input: { messages: question },
      output: { role: "assistant", content: null, tool_calls: [call] },
    });
    expect(second).toMatchObject({
      input: { messages: [...question, { role: "assistant", content: null, tool_calls: [call] }, result] },
      output: { role: "assistant", content: "It is sunny in Paris." },
    });
  });

  test("has a tool, with arguments and result", () => {
    expect(tool).toMatchObject({ name: "weather", input: { city: "Paris" }, output: { city: "Paris", celsius: 21 } });
  });
});

test("what is no part of the messages is kept aside", () => {
  const [, , request, tool] = decodeFixture("google-adk-1.json").events.observations;
  expect(request?.modelParameters).toEqual({ temperature: 0.2, max_tokens: 100 });
  expect(request?.metadata).toMatchObject({ labels: { adk_agent_name: "forecast" }, finish_reasons: ["STOP"] });
  for (const observation of [request, tool]) {
    const kept = Object.keys(observation?.metadata?.["attributes"] as object);
    expect(kept.filter((key) => /llm_re|tool_call_args|tool_response/.test(key))).toEqual([]);
  }
});

test("without content a request has its counts alone", () => {
  const { observation } = decodeSpan(
    {
      name: "call_llm",
      attributes: {
        "gen_ai.request.model": "gemini-2.5-flash",
        "gcp.vertex.agent.llm_request": "{}",
        "gcp.vertex.agent.llm_response": "{}",
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.usage.output_tokens": 5,
      },
    },
    { scope: { name: "gcp.vertex.agent" } },
  );
  expect(observation).toMatchObject({ type: "GENERATION", usageDetails: { input: 20, output: 5 } });
  expect(observation).not.toHaveProperty("input");
  expect(observation).not.toHaveProperty("output");
});

test("thoughts, images and instructions with parts keep their kind", () => {
  const image = { inline_data: { mime_type: "image/png", data: "aGk=" } };
  const { observation } = decodeSpan({
    attributes: {
      "gcp.vertex.agent.llm_request": JSON.stringify({
        config: { system_instruction: { parts: [{ text: "Be brief." }] } },
        contents: [{ role: "user", parts: [{ text: "What is it?" }, image] }],
      }),
      "gcp.vertex.agent.llm_response": JSON.stringify({
        content: { role: "model", parts: [{ text: "Hm.", thought: true }, { text: "A cat." }] },
        partial: false,
      }),
    },
  });
  expect(observation).toMatchObject({
    input: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "What is it?" }, image] },
    ],
    output: {
      role: "assistant",
      content: [
        { type: "reasoning", content: "Hm." },
        { type: "text", text: "A cat." },
      ],
    },
    metadata: { partial: false },
  });
});

test("a key of a response that is called __proto__ is a key like any other", () => {
  const response = '{"content":{"role":"model","parts":[{"text":"Hi"}]},"__proto__":{"partial":true}}';
  const { metadata } = decodeSpan({ attributes: { "gcp.vertex.agent.llm_response": response } }).observation;
  expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  expect(Object.keys(metadata ?? {})).toContain("__proto__");
});
