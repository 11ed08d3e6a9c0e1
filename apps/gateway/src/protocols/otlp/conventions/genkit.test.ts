import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import type { Values } from "../fixtures/export-of.ts";

const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };
const question = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather in Paris?" },
];

/** What genkit 1.42.0 exported: a flow that generates with a tool, and embeds. */
describe("Genkit", () => {
  const { observations, traces } = decodeFixture("genkit.json").events;
  const [flow, generate, first, tool, again, second, embedder] = observations;

  test("has actions by their names and kinds", () => {
    expect(observations.map(({ type, name }) => [type, name])).toEqual([
      ["CHAIN", "forecast"],
      ["SPAN", "generate"],
      ["GENERATION", "fake/gpt-4o-mini"],
      ["TOOL", "weather"],
      ["SPAN", "generate"],
      ["GENERATION", "fake/gpt-4o-mini"],
      ["EMBEDDING", "fake/embed"],
    ]);
    expect(embedder).toMatchObject({ model: "fake/embed", output: { embeddings: [{ embedding: [0.1, 0.2] }] } });
  });

  test("has what a flow and a tool took and gave", () => {
    expect(flow).toMatchObject({ input: "Weather in Paris?", output: "It is sunny in Paris." });
    expect(tool).toMatchObject({ input: { city: "Paris" }, output: { city: "Paris", celsius: 21 } });
    expect(traces[0]).toMatchObject({ name: "forecast", input: flow?.input, output: flow?.output });
  });

  test("has a model's messages, usage and configuration", () => {
    expect(first).toMatchObject({
      model: "fake/gpt-4o-mini",
      modelParameters: { temperature: 0.2, max_tokens: 100 },
      usageDetails: { input: 12, input_cached_tokens: 8, output: 5, output_reasoning_tokens: 4, total: 29 },
      input: { messages: question, tools: [{ name: "weather" }] },
      output: { role: "assistant", content: null, tool_calls: [call] },
      metadata: { finish_reasons: ["stop"] },
    });
    expect(second).toMatchObject({
      input: {
        messages: [
          ...question,
          { role: "assistant", content: null, tool_calls: [call] },
          { role: "tool", tool_call_id: "call_1", content: { city: "Paris", celsius: 21 } },
        ],
      },
      output: { role: "assistant", content: "It is sunny in Paris." },
    });
  });

  test("counts usage once, although what calls a model repeats its answer", () => {
    for (const caller of [generate, again]) expect(caller).not.toHaveProperty("usageDetails");
  });
});

const observe = (attributes: Values) => decodeSpan({ attributes }, { scope: { name: "genkit-tracer" } }).observation;

test.each([
  ["background-model", "GENERATION"],
  ["retriever", "RETRIEVER"],
  ["evaluator", "EVALUATOR"],
  ["tool.v2", "TOOL"],
  ["something", "SPAN"],
])("a %s is a %s", (subtype, type) => {
  expect(observe({ "genkit:name": "x", "genkit:metadata:subtype": subtype }).type).toBe(type);
});

test("thoughts that the total counts beside the output are not taken off it", () => {
  const usage = { inputTokens: 20, outputTokens: 9, thoughtsTokens: 4, totalTokens: 33 };
  const event = observe({ "genkit:metadata:subtype": "model", "genkit:output": JSON.stringify({ usage }) });
  expect(event.usageDetails).toEqual({ input: 20, output: 9, output_reasoning_tokens: 4, total: 33 });
});

test("a failed action is an error, and a session the trace's", () => {
  const attributes = { "genkit:state": "error", "genkit:sessionId": "s-1" };
  const { observation, traces } = decodeSpan({ attributes }, { scope: { name: "genkit-tracer" } });
  expect(observation.level).toBe("ERROR");
  expect(Object.assign({}, ...traces)).toMatchObject({ sessionId: "s-1" });
});
