import { describe, expect, test } from "vitest";
import { decodeFixture, decodeSpan } from "../fixtures/decode-fixture.ts";
import type { SpanGiven, Values } from "../fixtures/export-of.ts";

const T = 1_767_323_045_000_000;

function observe(attributes: Values, rest: SpanGiven = {}) {
  return decodeSpan({ ...rest, attributes }).observation;
}

describe("message events of the conventions up to 1.36", () => {
  const { events } = decodeFixture("gen-ai-events.json");
  const [chat, old] = events.observations;

  test("become input and output", () => {
    expect(chat).toMatchObject({
      input: [
        { role: "system", content: [{ text: "Be kind." }] },
        { role: "user", content: [{ text: "Hi" }] },
        { role: "assistant", content: [{ toolUse: { name: "clock" } }] },
        { role: "tool", content: "12:00", tool_call_id: "t1" },
      ],
      output: { role: "assistant", content: [{ text: "Noon." }] },
      metadata: { finish_reasons: ["end_turn"] },
      completionStartTimeUs: T + 120_000,
    });
    expect(chat?.metadata?.["events"]).toEqual([
      { name: "retry", time: "2026-01-02T03:04:05.000006Z", attributes: { attempt: 2 } },
    ]);
  });

  test("come with usage that counts cached tokens apart, as its total tells", () => {
    expect(chat?.usageDetails).toEqual({
      input: 20,
      output: 6,
      total: 66,
      input_cached_tokens: 30,
      input_cache_creation: 10,
    });
  });

  test("may be of the older kind, all messages in one", () => {
    expect(old).toMatchObject({
      type: "GENERATION",
      input: [{ role: "user", content: "Hi" }],
      output: { role: "assistant", content: "Hello" },
      completionStartTimeUs: T + 15,
    });
  });
});

describe("messages", () => {
  const details = "gen_ai.client.inference.operation.details";

  test("may stand in one event with all details", () => {
    const event = observe(
      { "gen_ai.operation.name": "chat" },
      {
        events: [
          {
            name: details,
            attributes: {
              "gen_ai.input.messages": '[{"role":"user"}]',
              "gen_ai.output.messages": '[{"role":"assistant"}]',
              "gen_ai.system_instructions": "Be brief.",
            },
          },
        ],
      },
    );
    expect(event.input).toEqual([{ role: "system", content: "Be brief." }, { role: "user" }]);
    expect(event.output).toEqual({ role: "assistant" });
    expect(event.metadata).not.toHaveProperty("events");
  });

  test("each side is looked for on its own", () => {
    const event = observe(
      { "gen_ai.output.messages": '["out"]' },
      { events: [{ name: details, attributes: { "gen_ai.input.messages": '["in"]' } }] },
    );
    expect([event.input, event.output]).toEqual([["in"], ["out"]]);
  });

  test("instructions are not added twice, nor to what is no list, and stand alone if they must", () => {
    const instructions = { "gen_ai.system_instructions": "Be brief." };
    const input = (messages: Values) => observe({ ...instructions, ...messages });
    expect(input({ "gen_ai.input.messages": '[{"role":"system"}]' }).input).toEqual([{ role: "system" }]);
    expect(input({ "gen_ai.input.messages": "Hi" })).toMatchObject({
      input: "Hi",
      metadata: { attributes: instructions },
    });
    expect(input({}).input).toEqual([{ role: "system", content: "Be brief." }]);
  });

  test("of Semantic Kernel stand in one attribute each", () => {
    const event = observe(
      { "gen_ai.system": "openai" },
      {
        events: [
          {
            name: "gen_ai.user.message",
            attributes: { "gen_ai.event.content": '{"role":"user","content":"Hi"}', "gen_ai.system": "openai" },
          },
          { name: "gen_ai.assistant.message", attributes: { "gen_ai.event.content": "plain", "event.name": "x" } },
          { name: "gen_ai.choice", attributes: { index: 0 } },
          { name: "gen_ai.choice", attributes: { index: 1 } },
        ],
      },
    );
    expect(event.input).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: "plain" },
    ]);
    expect(event.output).toEqual([{ role: "assistant" }, { role: "assistant" }]);
  });

  test("may be plain attributes", () => {
    expect(observe({ "gen_ai.prompt": "Hi", "gen_ai.completion": '{"a":1}' })).toMatchObject({
      input: "Hi",
      output: { a: 1 },
    });
  });

  test("several of the older events make a list, empty ones nothing", () => {
    const completion = (text: string) => ({
      name: "gen_ai.content.completion",
      attributes: { "gen_ai.completion": text },
    });
    expect(observe({}, { events: [completion("a"), completion("b")] }).output).toEqual(["a", "b"]);
    expect(observe({}, { events: [completion("")] })).not.toHaveProperty("output");
    expect(observe({}, { events: [completion("[null]")] }).output).toEqual([null]);
  });
});

test.each([
  ["gen_ai.tool.call.arguments", "gen_ai.tool.call.result"],
  ["gen_ai.retrieval.query.text", "gen_ai.retrieval.documents"],
  ["gen_ai.guardrail.input", "gen_ai.guardrail.output"],
])("work that is no model's has %s and %s", (given, result) => {
  expect(observe({ [given]: "in", [result]: '[{"id":"d"}]' })).toMatchObject({ input: "in", output: [{ id: "d" }] });
});

test("what was said in an event is text, also where it looks like JSON", () => {
  const said = (content: string) =>
    observe({}, { events: [{ name: "gen_ai.user.message", attributes: { content } }] }).input;
  expect(said("42")).toEqual([{ role: "user", content: "42" }]);
  expect(said('{"celsius":21}')).toEqual([{ role: "user", content: '{"celsius":21}' }]);
  expect(said('[{"text":"Hi"}]')).toEqual([{ role: "user", content: [{ text: "Hi" }] }]);
});
