import { stampOf } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import { START_US, type Values } from "../fixtures/export-of.ts";

function observe(attributes: Values) {
  return decodeSpan({ attributes }).observation;
}

const schema = { type: "object", properties: { city: { type: "string" } } };
const tools = [
  { type: "function", function: { name: "weather", description: "Weather of a city", parameters: schema } },
];
const asked = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather in Paris?" },
];

describe("@traceloop/instrumentation-openai 0.20, with prompts flattened", () => {
  const { events } = decodeFixture("openllmetry-0.20.json");
  const [asking, answering] = events.observations;

  test("records a chat with the tools that it may call", () => {
    expect(asking).toMatchObject({
      type: "GENERATION",
      name: "openai.chat",
      model: "gpt-4o-mini-2024-07-18",
      modelParameters: { temperature: 0.3, max_tokens: 100 },
      usageDetails: { input: 50, output: 20, total: 70 },
      input: { messages: asked, tools },
      output: {
        role: "assistant",
        content: null,
        tool_calls: [{ type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
      },
      metadata: { finish_reasons: ["tool_calls"] },
    });
  });

  test("says that a message has no content in words", () => {
    expect(answering?.input).toEqual([...asked, { role: "assistant" }, { role: "tool", content: '{"celsius":21}' }]);
    expect(answering?.output).toEqual({ role: "assistant", content: "It is 21 degrees." });
  });

  test("keeps no message twice", () => {
    const kept = Object.keys((asking?.metadata?.["attributes"] ?? {}) as object);
    expect(kept).toEqual(expect.arrayContaining(["gen_ai.system", "llm.request.type"]));
    expect(kept.filter((key) => /prompt\.|completion\.|functions/.test(key))).toEqual([]);
  });
});

test("@traceloop/instrumentation-openai 0.27, with the conventions' messages, comes to the same", () => {
  const { events } = decodeFixture("openllmetry-0.27.json");
  expect(events.observations[0]).toMatchObject({
    type: "GENERATION",
    model: "gpt-4o-mini-2024-07-18",
    usageDetails: { input: 50, output: 20, total: 70 },
    input: { messages: asked, tools },
    output: { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function" }] },
  });
  expect(events.observations[1]).toMatchObject({ output: { role: "assistant", content: "It is 21 degrees." } });
});

describe("@traceloop/node-server-sdk 0.27", () => {
  const { events } = decodeFixture("traceloop-sdk.json");
  const byName = (name: string) => events.observations.find((observation) => observation.name === name);

  test("records workflows, tasks, agents and tools", () => {
    expect(byName("answer.workflow")).toMatchObject({
      type: "CHAIN",
      input: { args: [], kwargs: { q: "Weather in Paris?" } },
      output: { celsius: 21 },
    });
    expect(byName("weather.tool")).toMatchObject({ type: "TOOL", parentObservationId: byName("answer.workflow")?.id });
    expect(byName("step.task")).toMatchObject({ type: "CHAIN", output: "done" });
    expect(byName("planner.agent")?.type).toBe("AGENT");
  });

  test("names the trace by its workflow, and tells it user, session and properties", () => {
    const ofWorkflow = events.traces.filter(({ id }) => id === byName("answer.workflow")?.traceId);
    expect(Object.assign({}, ...ofWorkflow)).toMatchObject({
      name: "answer",
      userId: "user-1",
      sessionId: "session-1",
      metadata: { tenant: "acme" },
      output: { celsius: 21 },
    });
    expect(ofWorkflow.find(({ name }) => name)?.stamp).toBe(
      stampOf(byName("answer.workflow")?.startTimeUs ?? 0, "derived"),
    );
  });
});

test.each([
  ["chat", "GENERATION"],
  ["completion", "GENERATION"],
  ["embedding", "EMBEDDING"],
  ["rerank", "RETRIEVER"],
  ["unknown", "SPAN"],
])("a request of type %s is a %s", (type, expected) =>
  expect(observe({ "llm.request.type": type }).type).toBe(expected),
);

test("calls and results of tools stand among the prompts", () => {
  expect(
    observe({
      "gen_ai.prompt.0.role": "assistant",
      "gen_ai.prompt.0.tool_calls.0.id": "c",
      "gen_ai.prompt.0.tool_calls.0.name": "f",
      "gen_ai.prompt.0.tool_calls.0.arguments": "{}",
      "gen_ai.prompt.1.role": "tool",
      "gen_ai.prompt.1.content": "21",
      "gen_ai.prompt.1.tool_call_id": "c",
      "gen_ai.prompt.2.role": "user",
      "gen_ai.prompt.2.content": '[{"type":"text","text":"And now?"}]',
    }).input,
  ).toEqual([
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }],
    },
    { role: "tool", content: "21", tool_call_id: "c" },
    { role: "user", content: [{ type: "text", text: "And now?" }] },
  ]);
});

test("older names of parameters and models join the others", () => {
  expect(
    observe({
      "llm.top_k": 3,
      "llm.chat.stop_sequences": ["END"],
      "gen_ai.request.temperature": 1,
      "llm.request.model": "m",
    }),
  ).toMatchObject({ modelParameters: { top_k: 3, stop_sequences: ["END"], temperature: 1 }, model: "m" });
});

test("reasoning is taken off the output", () => {
  const usage = { "gen_ai.usage.completion_tokens": 20, "llm.usage.reasoning_tokens": 8, "llm.usage.total_tokens": 70 };
  expect(observe(usage).usageDetails).toEqual({ output: 12, output_reasoning_tokens: 8, total: 70 });
});

test("what a vector database found stands in events", () => {
  const result = (id: string) => ({
    name: "db.query.result",
    attributes: { "db.query.result.id": id, "db.query.result.distance": 0.5 },
  });
  const { observation } = decodeSpan({ attributes: { "db.system": "chroma" }, events: [result("a"), result("b")] });
  expect(observation.output).toEqual([
    { id: "a", distance: 0.5 },
    { id: "b", distance: 0.5 },
  ]);
  expect(observation.metadata).toEqual({ attributes: { "db.system": "chroma" } });
});

test("a conversation is a session", () => {
  const { traces } = decodeSpan({
    attributes: { "traceloop.association.properties.thread_id": "t", "llm.user": "u" },
  });
  expect(traces).toContainEqual(
    expect.objectContaining({ stamp: stampOf(START_US), sessionId: "t", userId: "u", metadata: { thread_id: "t" } }),
  );
});

test("Laminar's properties are read too", () => {
  const properties = { "lmnr.association.properties.user_id": "u", "lmnr.association.properties.session_id": "s" };
  const { traces } = decodeSpan({ attributes: properties });
  expect(traces).toContainEqual(expect.objectContaining({ userId: "u", sessionId: "s" }));
});
