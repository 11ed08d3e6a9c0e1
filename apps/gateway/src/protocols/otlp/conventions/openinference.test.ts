import { stampOf } from "@xtrace/contract";
import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import { START_US, type Values } from "../fixtures/export-of.ts";

function observe(attributes: Values) {
  return decodeSpan({ attributes }).observation;
}

const tool = {
  type: "function",
  function: {
    name: "weather",
    description: "Weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};
const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } };

describe("@arizeai/openinference-instrumentation-openai 4.2", () => {
  const { events } = decodeFixture("openinference-openai.json");
  const [asking, answering, embedding] = events.observations;

  test("records a chat with the tools that it may call", () => {
    expect(asking).toMatchObject({
      type: "GENERATION",
      name: "OpenAI Chat Completions",
      model: "gpt-4o-mini-2024-07-18",
      modelParameters: { temperature: 0.3, max_tokens: 100 },
      usageDetails: { input: 40, input_cached_tokens: 10, output: 12, output_reasoning_tokens: 8, total: 70 },
      input: {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Weather in Paris?" },
        ],
        tools: [tool],
      },
      output: { role: "assistant", content: null, tool_calls: [call] },
    });
  });

  test("records the calls and results of tools among the messages", () => {
    expect(answering?.input).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "Weather in Paris?" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: '{"celsius":21}', tool_call_id: "call_1" },
    ]);
    expect(answering?.output).toEqual({ role: "assistant", content: "It is 21 degrees." });
  });

  test("keeps the raw request and response, but no message twice", () => {
    const kept = Object.keys((asking?.metadata?.["attributes"] ?? {}) as object);
    expect(kept).toEqual(expect.arrayContaining(["input.value", "output.value", "llm.finish_reason"]));
    expect(kept.filter((key) => /messages|llm\.tools/.test(key))).toEqual([]);
  });

  test("records an embedding with its vectors", () => {
    expect(embedding).toMatchObject({
      type: "EMBEDDING",
      model: "text-embedding-3-small",
      input: "Paris",
      output: [[0.1, 0.2]],
    });
    expect(embedding).not.toHaveProperty("usageDetails");
  });
});

describe("@arizeai/openinference-instrumentation-langchain 4.1", () => {
  const { events } = decodeFixture("openinference-langchain.json");
  const [retriever, weather, chain] = events.observations;

  test("records chains, retrievers and tools", () => {
    expect(retriever).toMatchObject({ type: "RETRIEVER", input: "Weather in Paris?", parentObservationId: chain?.id });
    expect(retriever?.output).toMatchObject({ documents: [{ pageContent: "Paris is warm." }, {}] });
    expect(weather).toMatchObject({ type: "TOOL", name: "weather", input: "Paris", output: "21 in Paris" });
    expect(chain).toMatchObject({ type: "CHAIN", name: "answer", output: "Paris is warm.21 in Paris" });
    expect(chain?.metadata).toMatchObject({ step: 3 });
    expect(chain?.metadata?.["attributes"]).not.toHaveProperty("metadata");
  });

  test("tells the trace its user, session, tags and metadata", () => {
    const said = Object.assign({}, ...events.traces);
    expect(said).toMatchObject({
      name: "answer",
      userId: "user-1",
      sessionId: "session-1",
      tags: ["beta", "eu"],
      input: "Weather in Paris?",
      output: "Paris is warm.21 in Paris",
    });
    expect(said.metadata).toMatchObject({ step: 3 });
  });
});

describe("kind", () => {
  test.each([
    ["LLM", "GENERATION"],
    ["llm", "GENERATION"],
    ["RERANKER", "RETRIEVER"],
    ["GUARDRAIL", "GUARDRAIL"],
    ["EVALUATOR", "EVALUATOR"],
    ["PROMPT", "CHAIN"],
    ["UNKNOWN", "SPAN"],
  ])("%s is a %s", (kind, type) => expect(observe({ "openinference.span.kind": kind }).type).toBe(type));

  test("is implied by a model", () => {
    expect(observe({ "llm.model_name": "m" })).toMatchObject({ type: "GENERATION", model: "m" });
    expect(observe({ "embedding.model_name": "m" })).toMatchObject({ type: "EMBEDDING", model: "m" });
  });
});

describe("input and output", () => {
  test("of a model are its messages, of other work what it was given", () => {
    const attributes = { "input.value": '{"raw":1}', "llm.input_messages.0.message.role": "user" };
    expect(observe({ ...attributes, "openinference.span.kind": "LLM" }).input).toEqual([{ role: "user" }]);
    expect(observe({ ...attributes, "openinference.span.kind": "AGENT" }).input).toEqual({ raw: 1 });
  });

  test("that are plain text are no JSON", () => {
    const plain = { "input.value": "123", "input.mime_type": "text/plain", "output.value": "123" };
    expect(observe(plain)).toMatchObject({ input: "123", output: 123 });
    expect(observe(plain)).not.toHaveProperty("metadata");
  });

  test("may be documents", () => {
    expect(
      observe({
        "openinference.span.kind": "RERANKER",
        "reranker.query": "warm?",
        "reranker.input_documents.0.document.content": "a",
        "reranker.input_documents.0.document.metadata": '{"source":"a.md"}',
        "reranker.output_documents.0.document.id": "d",
        "reranker.output_documents.0.document.score": 0.5,
      }),
    ).toMatchObject({
      input: { query: "warm?", documents: [{ content: "a", metadata: { source: "a.md" } }] },
      output: [{ id: "d", score: 0.5 }],
    });
    expect(observe({ "retrieval.documents.0.document.content": "a" }).output).toEqual([{ content: "a" }]);
  });

  test("may be the prompts and completions of a model that does not chat", () => {
    expect(
      observe({ "llm.prompts.0.prompt.text": "Once", "llm.choices.0.completion.text": " upon", "input.value": "{}" }),
    ).toMatchObject({ input: ["Once"], output: [" upon"] });
  });

  test("may hold pictures", () => {
    const contents = "llm.input_messages.0.message.contents";
    const message = observe({
      "llm.input_messages.0.message.role": "user",
      [`${contents}.0.message_content.type`]: "text",
      [`${contents}.0.message_content.text`]: "What is it?",
      [`${contents}.1.message_content.type`]: "image",
      [`${contents}.1.message_content.image.image.url`]: "https://x/y.png",
    }).input;
    expect(message).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "What is it?" },
          { type: "image_url", image_url: { url: "https://x/y.png" } },
        ],
      },
    ]);
  });
});

test("costs are taken as they are, their parts left within them", () => {
  const costs = {
    "llm.cost.prompt": 0.001,
    "llm.cost.completion": 0.002,
    "llm.cost.total": "0.003",
    "llm.cost.prompt_details.cache_read": 0.0005,
  };
  expect(observe(costs).costDetails).toEqual({ input: 0.001, output: 0.002, total: 0.003 });
});

test("an agent's counts are those of its children", () => {
  const agent = observe({
    "openinference.span.kind": "AGENT",
    "llm.model_name": "m",
    "llm.token_count.prompt": 5,
    "llm.cost.total": 1,
  });
  expect(agent.type).toBe("AGENT");
  for (const field of ["model", "usageDetails", "costDetails"]) expect(agent).not.toHaveProperty(field);
});

test("parameters may stand alone", () => {
  expect(observe({ "llm.invocation_parameters.temperature": 1, "llm.invocation_parameters": '{"model":"m"}' })).toEqual(
    expect.objectContaining({ modelParameters: { temperature: 1 } }),
  );
});

test("the first token has an event", () => {
  const { observation } = decodeSpan({
    events: [{ name: "First Token Stream Event", timeUs: START_US + 7 }],
    attributes: { "openinference.span.kind": "LLM" },
  });
  expect(observation.completionStartTimeUs).toBe(START_US + 7);
});

test("metadata that is no object has a key", () => {
  const { observation, traces } = decodeSpan({ attributes: { metadata: "plain" } });
  expect(observation.metadata).toEqual({ metadata: "plain" });
  expect(traces).toContainEqual(expect.objectContaining({ stamp: stampOf(START_US), metadata: { metadata: "plain" } }));
});
