import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";

/*
 * What pydantic-ai 1.0.5 exported in format 1, and 2.68.0 in formats 2 and 5: the run of an agent
 * with a tool. Formats 3 and 4 differ from 5 in nothing that is read.
 */

const question = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather in Paris?" },
];
const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };

describe.each(["1", "2", "5"])("format %s", (format) => {
  const { observations, traces } = decodeFixture(`pydantic-ai-${format}.json`).events;
  const [run] = observations;
  const [first, second] = observations.filter(({ type }) => type === "GENERATION");

  test("has the run of an agent, its messages and its result, without the sums of its requests", () => {
    expect(run).toMatchObject({ type: "AGENT", name: "forecast run", output: "It is sunny in Paris." });
    expect(run?.input).toHaveLength(5);
    expect(run?.input).toMatchObject([
      ...question,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: { city: "Paris", celsius: 21 } },
      { role: "assistant", content: "It is sunny in Paris." },
    ]);
    for (const field of ["model", "usageDetails", "costDetails"]) expect(run).not.toHaveProperty(field);
    expect(Object.assign({}, ...traces)).toMatchObject({ name: "forecast run", output: "It is sunny in Paris." });
  });

  test("has its requests, with usage and what they cost", () => {
    expect(first).toMatchObject({
      name: "chat gpt-4o-mini",
      model: "gpt-4o-mini-2024-07-18",
      usageDetails: { output: 5, output_reasoning_tokens: 4 },
      costDetails: { total: 0.0000078 },
      output: { role: "assistant", content: null, tool_calls: [call] },
    });
    // The first format has its tools among the parameters of the request.
    expect(first).toMatchObject({ input: format === "1" ? question : { messages: question } });
    expect(second?.output).toEqual({ role: "assistant", content: "It is sunny in Paris." });
  });

  test("has its tool, with arguments and result", () => {
    expect(observations.find(({ type }) => type === "TOOL")).toMatchObject({
      name: "weather",
      input: { city: "Paris" },
      output: { city: "Paris", celsius: 21 },
    });
  });
});

test("formats since 2 say which tokens were cached", () => {
  const { observations } = decodeFixture("pydantic-ai-5.json").events;
  expect(observations[1]?.usageDetails).toEqual({
    input: 12,
    input_cached_tokens: 8,
    output: 5,
    output_reasoning_tokens: 4,
  });
});

test("details are what the provider counted, and give way to the sender's own count", () => {
  const details = { "gen_ai.usage.details.input_tokens": 500, "gen_ai.usage.details.cache_read_input_tokens": 100 };
  const own = { "gen_ai.usage.input_tokens": 600, "gen_ai.usage.cache_read.input_tokens": 100 };
  const usage = { input: 500, input_cached_tokens: 100 };
  const chat = { "gen_ai.operation.name": "chat" };
  expect(decodeSpan({ attributes: { ...chat, ...own, ...details } }).observation.usageDetails).toEqual(usage);
  expect(decodeSpan({ attributes: { ...chat, ...details, ...own } }).observation.usageDetails).toEqual(usage);
});

test("a list of events that is none leaves the span without input", () => {
  const { observation } = decodeSpan({ attributes: { events: '["x"]' } }, { scope: { name: "pydantic-ai" } });
  expect(observation).not.toHaveProperty("input");
  expect(observation.metadata).toMatchObject({ attributes: { events: '["x"]' } });
});

test("attributes of these names that others write are theirs", () => {
  const attributes = { final_result: "won", agent_name: "a", model_name: "m" };
  const { observation } = decodeSpan({ attributes }, { scope: { name: "game" } });
  expect(observation).toMatchObject({ type: "SPAN", metadata: { attributes } });
  expect(observation).not.toHaveProperty("output");
});
